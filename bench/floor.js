// What no library can avoid, without any: the loop, the web objects around a request, the look for
// a session (floor-session.js), and the three provider calls of a sign-in, the last two at once.

import { Agent, request } from 'node:http';

import { HEADERS } from './browser.js';
import { sessionFloorOf } from './floor-session.js';
import { bareListener } from './http-server.js';

export function floorOf({ consumer, endpoints, baseUrl }, users) {
  const sessions = sessionFloorOf(users);
  const basic = Buffer.from(`${consumer.key}:${consumer.secret}`).toString('base64');
  const emailsUrl = `${endpoints.emailsUrl}?pagelen=100`;
  let turn = 0;

  /** @param {(url: string, options: object) => Promise<any>} call */
  async function providerCalls(call) {
    turn += 1;
    const user = `u${turn}`;
    const { access_token: token } = await call(endpoints.tokenUrl, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: `code.${consumer.key}.${user}`,
        redirect_uri: consumer.callbackUrl,
      }).toString(),
    });
    const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
    const [profile, emails] = await Promise.all([
      call(endpoints.userInfoUrl, { headers }),
      call(emailsUrl, { headers }),
    ]);
    if (!profile.uuid || emails.values[0].email !== `${user}@example.com`) {
      throw new Error(`the provider calls for ${user} failed`);
    }
  }

  const agent = new Agent({ keepAlive: true });
  return {
    noop: async () => {},
    async webObjects() {
      const asked = new Request(`${baseUrl}/authorize`, { headers: HEADERS });
      const headers = [
        ['location', asked.url],
        ['set-cookie', 'flow=nothing; Path=/; Secure; HttpOnly; SameSite=Lax'],
        ['cache-control', 'no-store'],
      ];
      const response = new Response(null, { status: 302, headers });
      return { url: response.headers.get('location'), cookies: response.headers.getSetCookie() };
    },
    providerFetch: () => providerCalls(byFetch),
    providerHttp: () => providerCalls((url, options) => byHttp(agent, url, options)),
    session: sessions.session,
    listener: () => bareListener(sessions.user),
    requests: sessions.requests,
    check: () => Promise.all([
      sessions.check(), providerCalls(byFetch), providerCalls(byHttp.bind(null, agent)),
    ]),
  };
}

async function byFetch(url, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

/** The quickest client that Node has of its own; `fetch` is what libraries use. */
function byHttp(agent, url, { body, ...options }) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    });
    asked.on('error', reject).end(body);
  });
}
