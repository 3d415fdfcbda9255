// What plain JavaScript cannot avoid in a session check: the two headers, the value of a cookie,
// one look into a `Map`, the clock, and an answer that its receiver may keep and change.

import { randomBytes, randomUUID } from 'node:crypto';

import { headersWith } from './browser.js';

const COOKIE = '__Host-kavach_session';
const WEEK = 7 * 24 * 3_600_000;

/** @param {number} count of users, who take turns */
export function sessionFloorOf(count) {
  const sessions = new Map();
  const known = Array.from({ length: count }, (_, i) => {
    const token = `kvs_${randomBytes(32).toString('base64url')}`;
    const email = `u${i + 1}@example.com`;
    sessions.set(token, recordOf(email));
    return { email, headers: headersWith(`${COOKIE}=${token}`) };
  });
  let turn = 0;

  async function getSession(headers) {
    // A library has to ask for both: the token may come in either.
    const [cookie, authorization] = [headers.get('cookie'), headers.get('authorization')];
    const token = authorization ?? valueOf(cookie);
    const found = sessions.get(token);
    return found && found.expiresAt > Date.now() ? answerFrom(found) : null;
  }

  return {
    async check() {
      const [{ email, headers }] = known;
      const found = await getSession(headers);
      if (found.user.email !== email) throw new Error('the floor finds somebody else');
      if (await getSession(headersWith(`${COOKIE}=nobody`))) throw new Error('it finds anybody');
    },

    async session() {
      turn = (turn + 1) % known.length;
      const { email, headers } = known[turn];
      const found = await getSession(headers);
      if (found?.user.email !== email) throw new Error(`wrong session for ${email}`);
    },

    /** Whom a server that looks nobody up answers, with as many fields as kavachos. */
    user: answerFrom(recordOf('u1@example.com')).user,
    requests: () => known.map(({ headers }) => {
      return { cookie: headers.get('cookie'), email: 'u1@example.com' };
    }),
  };
}

function recordOf(email) {
  const now = Date.now();
  return {
    userId: randomUUID(), email, name: 'User 1', id: randomUUID(), createdAt: now,
    expiresAt: now + WEEK, ipAddress: null, userAgent: 'a browser',
  };
}

function answerFrom({ userId, email, name, id, createdAt, expiresAt, ipAddress, userAgent }) {
  return {
    user: {
      id: userId, email, emailVerified: true, name, image: null,
      createdAt: new Date(createdAt), updatedAt: new Date(createdAt),
    },
    session: {
      id, userId, createdAt: new Date(createdAt), expiresAt: new Date(expiresAt), fresh: true,
      ipAddress, userAgent, metadata: null,
    },
  };
}

function valueOf(cookie) {
  const from = cookie.indexOf(`${COOKIE}=`) + COOKIE.length + 1;
  const to = cookie.indexOf(';', from);
  return cookie.slice(from, to === -1 ? undefined : to);
}
