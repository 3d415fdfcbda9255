import { methodNotAllowed } from './answers.js';
import { allowsRedirect } from './consumer.js';
import { isRepeated, param, readCookie, readForm, redirect } from './http.js';
import { consentPage, problemPage, signInPage } from './pages.js';

/**
 * `/site/oauth2/authorize`. The forms post to the URL they are shown at, so the query is
 * the only state, and it is judged anew each time.
 *
 * @param {import('./server.js').Bitbucket} bitbucket
 * @param {import('./server.js').Request} request
 * @returns {import('./http.js').Answer}
 */
export function authorize(bitbucket, request) {
  if (request.method !== 'GET' && request.method !== 'POST') return methodNotAllowed('GET, POST');
  const { refusal, ...asked } = judge(bitbucket, request.params);
  if (refusal) return refusal;
  if (request.method === 'POST') return answerForm(bitbucket, request, asked);

  const shortcut = bitbucket.autoApprove && param(request.params, 'stand_in_user');
  if (shortcut) {
    return bitbucket.user(shortcut) ? grant(bitbucket, asked, shortcut) : unknownUser();
  }
  const key = readCookie(request, COOKIE);
  const user = bitbucket.user(key);
  return user
    ? consentPage(asked.consumer, key, user)
    : signInPage(asked.consumer, bitbucket.users);
}

function answerForm(bitbucket, request, asked) {
  const form = readForm(request);
  if (!form) return problemPage(415, 'Unsupported media type', 'Send the form of this page.');
  const here = `?${request.params}`;

  const chosen = param(form, 'user');
  if (chosen) {
    if (!bitbucket.user(chosen)) return unknownUser();
    return redirect(303, here, { 'set-cookie': cookie(encodeURIComponent(chosen), '') });
  }
  // The cookie is `SameSite=Lax`: a form on a foreign site cannot grant anything.
  const key = readCookie(request, COOKIE);
  switch (param(form, 'decision')) {
    case 'grant':
      return bitbucket.user(key) ? grant(bitbucket, asked, key) : redirect(303, here);
    case 'cancel':
      return asked.back({
        error: 'access_denied',
        error_description: 'The user denied access to the application.',
      });
    case 'switch':
      return redirect(303, here, { 'set-cookie': cookie('', '; Max-Age=0') });
    default:
      return problemPage(400, 'Bad request', 'Choose a user, or grant or cancel.');
  }
}

function grant(bitbucket, { consumer, redirectUri, back }, user) {
  // Asking for fewer scopes does not narrow the token: the consumer's scopes count.
  const granted = { consumer: consumer.key, user, scopes: consumer.scopes };
  return back({ code: bitbucket.grants.issueCode(granted, redirectUri) });
}

/** Until consumer and redirect URI are known to be good, nobody is sent anywhere. */
function judge(bitbucket, params) {
  const consumer = bitbucket.consumers.get(params.get('client_id'));
  if (!consumer || isRepeated(params, 'client_id')) return misconfigured('Invalid client_id');
  if (!consumer.callbackUrl) {
    return misconfigured('No callback uri defined for the OAuth client.');
  }
  const redirectUri = param(params, 'redirect_uri');
  const allowed = redirectUri === undefined || allowsRedirect(consumer, redirectUri);
  if (!allowed || isRepeated(params, 'redirect_uri')) return misconfigured('Invalid redirect_uri');

  const back = (answer) => {
    const target = new URL(redirectUri ?? consumer.callbackUrl);
    const state = param(params, 'state');
    for (const [name, value] of Object.entries({ ...answer, ...(state && { state }) })) {
      target.searchParams.append(name, value);
    }
    return redirect(302, target.href);
  };
  const refuse = (error, text) => ({ refusal: back({ error, error_description: text }) });

  const responseType = param(params, 'response_type');
  if (!responseType || isRepeated(params, 'response_type', 'scope', 'state')) {
    return refuse('invalid_request', 'A parameter is missing or given more than once.');
  }
  // The implicit grant exists at Bitbucket, but a server that asks for it made a mistake.
  if (responseType !== 'code') {
    return refuse('unsupported_response_type', 'Only response_type=code is supported.');
  }
  const excess = (param(params, 'scope') ?? '')
    .split(' ')
    .filter((scope) => scope && !consumer.scopes.includes(scope));
  if (excess.length > 0) {
    return refuse('invalid_scope', `Scopes not on the consumer: ${excess.join(' ')}`);
  }
  return { consumer, redirectUri, back };
}

function misconfigured(title) {
  const text = 'This integration is misconfigured. Contact the vendor for assistance.';
  return { refusal: problemPage(400, title, text) };
}

function unknownUser() {
  return problemPage(400, 'Unknown user', 'The stand-in has no user of that name.');
}

function cookie(value, attributes) {
  return `${COOKIE}=${value}; Path=/site/oauth2; HttpOnly; SameSite=Lax${attributes}`;
}

/** Holds the user's name as it stands: at a stand-in anybody may be anybody. */
const COOKIE = 'bitbucket_stand_in_user';
