/**
 * The cast: one user for each thing that can be odd about a Bitbucket account. Fields carry
 * Bitbucket's own names and replace the usual values in the answer of `/2.0/user`; a field set to
 * `undefined` is left out of it.
 *
 * @typedef {object} Email
 * @property {string} email
 * @property {boolean} is_primary
 * @property {boolean} is_confirmed
 *
 * @typedef {object} User
 * @property {string} uuid with braces, as Bitbucket gives it
 * @property {string} [account_id]
 * @property {string} [display_name]
 * @property {Email[]} emails
 * @property {string} [about] shown on the sign-in page only
 */

/** @type {Readonly<Record<string, User>>} */
export const users = Object.freeze({
  jane: {
    about: 'A private, confirmed address and an old, unconfirmed one',
    display_name: 'Jane Example',
    username: 'jexample',
    nickname: 'Jane',
    uuid: '{0f3c1f2e-6a77-4d0e-9a57-2f1f0b6f9d11}',
    account_id: '712020:3b7b7c1e-5a1f-4f2c-8b3a-9d2f6c5e1a00',
    emails: [primary('jane@example.com'), other('jane@old.example', false)],
  },
  noemail: {
    about: 'No address at all',
    display_name: 'Noor Empty',
    uuid: '{00000000-0000-4000-8000-000000000002}',
    account_id: '712020:00000000-0000-4000-8000-0000000000a2',
    emails: [],
  },
  unconfirmed: {
    about: 'The primary address is not confirmed, another one is',
    display_name: 'Uma Pending',
    uuid: '{00000000-0000-4000-8000-000000000003}',
    account_id: '557058:00000000-0000-4000-8000-0000000000a3',
    emails: [primary('uma@example.com', false), other('uma@other.example')],
  },
  pages: {
    about: 'Fourteen addresses on two pages, the primary one on the second',
    display_name: 'Paula Pages',
    uuid: '{00000000-0000-4000-8000-000000000004}',
    account_id: '557058:00000000-0000-4000-8000-0000000000a4',
    emails: [
      ...Array.from({ length: 12 }, (_, i) => other(`paula+${i + 1}@example.com`, i % 2 === 0)),
      primary('paula@example.com'),
      other('paula@last.example'),
    ],
  },
  kavya: {
    about: 'A name in two scripts',
    display_name: 'कव्या 北京',
    nickname: 'ünïcode',
    uuid: '{00000000-0000-4000-8000-000000000005}',
    // The older of the two formats: 24 hex digits.
    account_id: '5c0000000000000000000005',
    emails: [primary('kavya@example.com')],
  },
  team: {
    about: 'Not a person: type is “team”',
    display_name: 'Team Example',
    type: 'team',
    uuid: '{00000000-0000-4000-8000-000000000006}',
    // These belong to users only.
    account_id: undefined,
    nickname: undefined,
    account_status: undefined,
    has_2fa_enabled: undefined,
    emails: [primary('team@example.com')],
  },
  capital: {
    about: 'An address with capitals and a plus sign',
    display_name: 'Capital Case',
    uuid: '{00000000-0000-4000-8000-000000000007}',
    account_id: '712020:00000000-0000-4000-8000-0000000000a7',
    emails: [primary('Capital.Case+tag@Example.COM')],
  },
  closed: {
    about: 'The account is closed',
    display_name: 'Clara Closed',
    account_status: 'closed',
    uuid: '{00000000-0000-4000-8000-000000000008}',
    account_id: '712020:00000000-0000-4000-8000-0000000000a8',
    emails: [primary('clara@example.com')],
  },
});

function primary(email, confirmed = true) {
  return { email, is_primary: true, is_confirmed: confirmed };
}

function other(email, confirmed = true) {
  return { email, is_primary: false, is_confirmed: confirmed };
}
