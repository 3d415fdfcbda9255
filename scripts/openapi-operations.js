// What each route takes and gives, for openapi.json.

const ref = (name) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema) => ({ 'application/json': { schema } });
const object = (properties, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
});
const closed = (schema) => ({ ...schema, additionalProperties: false });
const array = (items) => ({ type: 'array', items });
const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const time = { type: 'string', format: 'date-time' };
const flag = { type: 'boolean' };

const query = (name, description, schema = text) => ({ name, in: 'query', description, schema });
const answer = (description, schema) => ({ 200: { description, content: json(schema) } });
const body = (schema, required = true) => ({ required, content: json(schema) });
const redirect = (description) => ({
  302: { description, headers: { location: { schema: { type: 'string', format: 'uri' } } } },
});

const SUCCESS = object({ success: { const: true } });

export const SCHEMAS = {
  Error: object({ error: object({ code: text, message: text }) }),
  User: object({
    id: text,
    email: textOrNull,
    emailVerified: flag,
    name: textOrNull,
    image: textOrNull,
    extra: { type: ['object', 'null'] },
    createdAt: time,
    updatedAt: time,
  }),
  Session: object({
    id: text,
    userId: text,
    createdAt: time,
    expiresAt: time,
    fresh: flag,
    ipAddress: textOrNull,
    userAgent: textOrNull,
    metadata: { type: ['object', 'null'] },
  }),
  Account: object({
    id: text,
    provider: text,
    providerAccountId: text,
    scopes: array(text),
    createdAt: time,
    updatedAt: time,
  }),
};

const CALLBACK = {
  tags: ['Sign-in'],
  responses: {
    ...redirect('Signed in: to `redirectTo`. Refused, in a browser: to the error page, with `?error=`.'),
    303: { description: 'Linking by form_post goes on at the same address, as a GET.' },
  },
  errors: [
    'state_invalid', 'access_denied', 'account_not_linked', 'provider_unknown', 'provider_error',
  ],
};

export const OPERATIONS = {
  'GET /auth/oauth/authorize/:provider': {
    operationId: 'authorize',
    tags: ['Sign-in'],
    parameters: [
      query('redirectTo', 'Where the browser ends: a path, or a URL on a trusted origin.'),
      query('prompt', "OpenID Connect's `prompt`."),
      query('login_hint', "OpenID Connect's `login_hint`."),
      query('scope', 'Scopes among `optionalScopes`, separated by blanks.'),
      query('max_age', "OpenID Connect's `max_age`, in seconds.", { type: 'integer', minimum: 0 }),
      query('acr_values', "OpenID Connect's `acr_values`."),
    ],
    responses: redirect('To the provider, with the flow cookie. Refused, in a browser: to the error page.'),
    errors: ['argument_invalid', 'redirect_invalid', 'provider_unknown', 'provider_error'],
  },
  'GET /auth/oauth/callback/:provider': {
    operationId: 'callback',
    ...CALLBACK,
    parameters: [
      query('code', 'From the provider (RFC 6749 4.1.2).'),
      query('state', 'As it was sent.'),
      query('error', 'From the provider (RFC 6749 4.1.2.1).'),
      query('iss', 'The issuer (RFC 9207).'),
    ],
  },
  'POST /auth/oauth/callback/:provider': {
    operationId: 'callbackByFormPost',
    ...CALLBACK,
    requestBody: {
      content: {
        'application/x-www-form-urlencoded': {
          schema: object({ code: text, state: text, error: text, iss: text }, []),
        },
      },
    },
  },
  'GET /auth/oauth/providers': {
    operationId: 'listProviders',
    tags: ['Sign-in'],
    responses: answer('The providers, as they are configured.', object({
      providers: array(object({ id: text, name: text })),
    })),
  },
  'POST /auth/oauth/link': {
    operationId: 'link',
    tags: ['Accounts'],
    requestBody: body(closed(object({ provider: text, redirectTo: text }, ['provider']))),
    responses: answer('Send the browser there.', object({ url: { type: 'string', format: 'uri' } })),
    errors: [
      'body_invalid', 'redirect_invalid', 'origin_forbidden', 'provider_unknown', 'body_too_large',
      'provider_error',
    ],
  },
  'POST /auth/oauth/unlink': {
    operationId: 'unlink',
    tags: ['Accounts'],
    requestBody: body(closed(object({ provider: text, accountId: text }, ['provider']))),
    responses: answer('Unlinked.', SUCCESS),
    errors: ['body_invalid', 'origin_forbidden', 'account_not_found', 'last_account', 'body_too_large'],
  },
  'GET /auth/oauth/accounts': {
    operationId: 'listAccounts',
    tags: ['Accounts'],
    responses: answer('The linked accounts, the oldest first.', object({
      accounts: array(ref('Account')),
    })),
  },
  'GET /auth/session': {
    operationId: 'getSession',
    tags: ['Sessions'],
    responses: answer('Who is signed in.', object({ user: ref('User'), session: ref('Session') })),
  },
  'GET /auth/sessions': {
    operationId: 'listSessions',
    tags: ['Sessions'],
    responses: answer('The devices, the newest first.', object({
      sessions: array({ allOf: [ref('Session'), object({ current: flag })] }),
    })),
  },
  'POST /auth/sessions/revoke': {
    operationId: 'revokeSessions',
    tags: ['Sessions'],
    requestBody: body({
      oneOf: [closed(object({ id: text })), closed(object({ others: { const: true } }))],
    }),
    responses: answer('Signed out there.', SUCCESS),
    errors: ['body_invalid', 'origin_forbidden', 'session_not_found', 'body_too_large'],
  },
  'POST /auth/sign-out': {
    operationId: 'signOut',
    tags: ['Sessions'],
    requestBody: body(closed(object({ provider: text, redirectTo: text }, [])), false),
    responses: answer('Signed out; `url` signs out at the provider too, where that was asked for.', {
      ...object({ success: { const: true }, url: { type: 'string', format: 'uri' } }, ['success']),
    }),
    errors: ['body_invalid', 'origin_forbidden', 'provider_unknown', 'body_too_large'],
  },
  'GET /auth/error': {
    operationId: 'errorPage',
    tags: ['Sign-in'],
    parameters: [query('error', 'The code of what went wrong.')],
    responses: { 200: { description: 'A page for people.', content: { 'text/html': { schema: text } } } },
  },
};

export const STATUSES = {
  argument_invalid: 400,
  body_invalid: 400,
  redirect_invalid: 400,
  state_invalid: 400,
  unauthenticated: 401,
  access_denied: 403,
  origin_forbidden: 403,
  account_not_found: 404,
  provider_unknown: 404,
  session_not_found: 404,
  account_not_linked: 409,
  last_account: 409,
  body_too_large: 413,
  rate_limited: 429,
  provider_error: 502,
  database_unavailable: 503,
};

/** The error answers, by status: `code` says more. */
export function refusals(codes) {
  const byStatus = {};
  for (const code of codes) (byStatus[STATUSES[code]] ??= []).push(`\`${code}\``);
  return Object.fromEntries(Object.entries(byStatus).map(([status, names]) => [
    status,
    {
      description: `Such as ${names.join(', ')}.`,
      content: json(ref('Error')),
      ...(status === '429' && {
        headers: { 'retry-after': { schema: { type: 'integer' }, description: 'In seconds.' } },
      }),
    },
  ]));
}
