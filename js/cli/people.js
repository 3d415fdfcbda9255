// Who has signed in, and where.

import { applicationOf, withKavach } from './application.js';
import { plain, table } from './table.js';
import { CONFIG, Usage } from './usage.js';

export const users = {
  name: 'users',
  summary: 'shows a user: accounts and sessions',
  takes: ['show', '<id or e-mail address>'],
  options: CONFIG,
  async run(values, [action, who]) {
    if (action !== 'show' || !who) throw new Usage('Say whom: users show <id or e-mail address>.');
    return withKavach(await applicationOf(values), async (kavach) => {
      const found = await (who.includes('@') ? kavach.users.findByEmail(who) : kavach.users.get(who));
      if (!found) return { text: `There is no user ${who}.`, json: null, ok: false };
      const accounts = await kavach.auth.getOAuthConnections(found.id);
      const live = await kavach.auth.session.list(found.id);
      const text = [
        ...Object.entries(found)
          .filter(([, value]) => value !== null && typeof value !== 'object')
          .map(([name, value]) => `${name}: ${plain(value)}`),
        `createdAt: ${found.createdAt.toISOString()}`,
        '',
        table(['provider', 'account', 'scopes'], accounts.map((account) => {
          return [account.provider, account.providerAccountId, account.scopes.join(' ')];
        })),
        '',
        listed(live),
      ].join('\n');
      return { text, json: { user: found, accounts, sessions: live } };
    });
  },
};

export const sessions = {
  name: 'sessions',
  summary: 'lists the sessions of a user, or ends some',
  takes: ['list|revoke', '<user id, or the id of a session to revoke>'],
  options: {
    all: { type: 'boolean', help: 'with revoke: the id is a user\'s, and all sessions end' },
    ...CONFIG,
  },
  more: ['Every process knows of it within the time that the session cache allows: a second.'],
  async run(values, [action, id]) {
    if (!['list', 'revoke'].includes(action)) throw new Usage('Say list or revoke.');
    if (!id) throw new Usage(`Say whose: sessions ${action} <id>.`);
    return withKavach(await applicationOf(values), async (kavach) => {
      if (action === 'list') {
        const live = await kavach.auth.session.list(id);
        return { text: listed(live), json: live };
      }
      const { session } = kavach.auth;
      const ended = values.all ? await session.revokeAll(id) : Number(await session.revoke(id));
      const text = `${ended} ${ended === 1 ? 'session' : 'sessions'} ended.`;
      return { text, json: { ended }, ok: ended > 0 };
    });
  },
};

function listed(live) {
  return table(['session', 'since', 'until', 'address', 'user agent'], live.map((session) => [
    session.id,
    session.createdAt.toISOString(),
    session.expiresAt.toISOString(),
    session.ipAddress ?? '',
    session.userAgent ?? '',
  ]));
}
