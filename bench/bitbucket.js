// What an application hands to a library that has no Bitbucket of its own: who a token belongs to.
// The user and the e-mails are asked for at once, as kavachos does it.

export const SCOPES = ['account', 'email'];

/**
 * `{ id, name, email, emailVerified }`
 *
 * @param {{ userInfoUrl: string, emailsUrl: string }} endpoints
 * @param {string} accessToken
 */
export async function profileOf({ userInfoUrl, emailsUrl }, accessToken) {
  const headers = { accept: 'application/json', authorization: `Bearer ${accessToken}` };
  const [user, emails] = await Promise.all(
    [userInfoUrl, `${emailsUrl}?pagelen=100`].map(async (url) => {
      const response = await fetch(url, { headers });
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      return response.json();
    }),
  );
  const primary = emails.values.find((entry) => entry.is_primary);
  return {
    id: user.uuid,
    name: user.display_name,
    email: primary?.email,
    emailVerified: primary?.is_confirmed === true,
  };
}
