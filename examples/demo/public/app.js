// The page: asks who is signed in, shows it, and does what the buttons say.

import { ApiError, get, post, send } from './api.js';
import { deviceOf, exact, initials, relative } from './words.js';

const $ = (id) => document.getElementById(id);

start();

function start() {
  on('sign-out', signOut);
  on('sign-out-everywhere', signOutEverywhere);
  on('link', link);
  on('retry', () => load());
  $('message-dismiss').addEventListener('click', () => say(''));

  // Another tab may have signed in or out meanwhile.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') load();
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) load();
  });

  if (location.search === '?linked') {
    history.replaceState(null, '', '/');
    say('The account is linked.');
  }
  setInterval(refreshTimes, 60_000);
  load();
}

// ---- What is to be shown

let shown;

async function load() {
  let state;
  try {
    state = await read();
  } catch (error) {
    state = { problem: error.message };
  }
  // Nothing is redrawn without need: it would take the focus from whoever uses the keyboard.
  const key = JSON.stringify(state);
  if (key === shown) return refreshTimes();
  shown = key;
  return show(state);
}

async function read() {
  const facts = await send('/api/demo');
  if (!facts.signedIn) return { facts };
  try {
    // Reading the session also extends it, once a day.
    const [{ user }, { sessions }, { accounts }] = await Promise.all([
      get('/auth/session'),
      get('/auth/sessions'),
      get('/auth/oauth/accounts'),
    ]);
    return { facts, user, sessions, accounts };
  } catch (error) {
    if (error.code === 'unauthenticated') return { facts };
    throw error;
  }
}

function show({ problem, facts, user, sessions, accounts }) {
  $('loading').hidden = true;
  $('problem').hidden = !problem;
  $('signed-out').hidden = Boolean(problem || user);
  $('signed-in').hidden = !user;
  $('sign-out').hidden = !user;
  document.title = `${user ? user.name ?? 'Signed in' : 'Signed out'} – kavachos demo`;
  if (problem) $('problem-text').textContent = problem;
  if (facts) showFacts(facts);
  if (!user) return;
  showProfile(user);
  $('accounts').replaceChildren(...accounts.map(accountRow));
  $('sessions').replaceChildren(...sessions.toSorted(currentFirst).map(sessionRow));
}

function showFacts({ standIn, database }) {
  for (const hint of document.querySelectorAll('.stand-in')) hint.hidden = !standIn;
  $('fact-bitbucket').textContent = standIn ? 'a stand-in for Bitbucket' : 'Bitbucket';
  $('fact-database').textContent = DATABASES[database];
}

function showProfile({ id, name, email, emailVerified, image, createdAt }) {
  const title = name ?? email ?? 'Somebody';
  $('name').textContent = title;
  $('email').textContent = email ?? 'No verified e-mail address';
  $('verified').textContent = emailVerified ? 'Verified' : 'Not verified';
  $('verified').className = `badge ${emailVerified ? 'good' : 'bad'}`;
  $('verified').hidden = email === null;
  $('user-id').textContent = id;
  fillTime($('since'), createdAt);
  showAvatar(title, image);
}

function showAvatar(name, image) {
  const letters = document.createElement('span');
  letters.textContent = initials(name);
  letters.ariaHidden = 'true';
  $('avatar').replaceChildren(letters);
  if (!image) return;
  const picture = new Image(96, 96);
  picture.alt = `Avatar of ${name}`;
  picture.referrerPolicy = 'no-referrer';
  picture.addEventListener('load', () => $('avatar').replaceChildren(picture));
  picture.src = image;
}

function accountRow({ id, provider, providerAccountId, scopes, createdAt }) {
  const { row, slots } = fromTemplate('account-row');
  slots.title.textContent = provider === 'bitbucket' ? 'Bitbucket' : provider;
  slots.id.textContent = providerAccountId;
  slots.scopes.textContent = scopes.join(', ');
  fillTime(slots.linked, createdAt);
  slots.unlink.ariaLabel = `Unlink Bitbucket account ${providerAccountId}`;
  onClick(slots.unlink, () => unlink(provider, id));
  return row;
}

function sessionRow({ id, current, createdAt, expiresAt, ipAddress, userAgent }) {
  const { row, slots } = fromTemplate('session-row');
  const { name, phone } = deviceOf(userAgent);
  row.classList.add(phone ? 'on-phone' : 'on-desktop');
  slots.device.textContent = name;
  slots.device.title = userAgent ?? '';
  slots.current.hidden = !current;
  slots.from.textContent = ipAddress ? ` from ${ipAddress}` : '';
  fillTime(slots.since, createdAt);
  fillTime(slots.until, expiresAt);
  slots.end.hidden = current;
  slots.end.ariaLabel = `Sign out ${name}, signed in ${exact(createdAt)}`;
  onClick(slots.end, () => endSession(id));
  return row;
}

const DATABASES = { sqlite: 'SQLite', postgres: 'PostgreSQL', mysql: 'MySQL' };

const currentFirst = (a, b) => b.current - a.current || b.createdAt.localeCompare(a.createdAt);

// ---- What the buttons do

async function signOut() {
  await post('/auth/sign-out');
  await change('You are signed out on this device.', 'welcome-title');
}

async function signOutEverywhere() {
  await post('/auth/sessions/revoke', { others: true });
  await post('/auth/sign-out');
  await change('You are signed out everywhere.', 'welcome-title');
}

async function endSession(id) {
  await post('/auth/sessions/revoke', { id });
  await change('That device is signed out.', 'sessions-title');
}

async function link() {
  const body = { provider: 'bitbucket', redirectTo: '/?linked' };
  location.assign((await post('/auth/oauth/link', body)).url);
}

async function unlink(provider, accountId) {
  await post('/auth/oauth/unlink', { provider, accountId });
  await change('The account is unlinked.', 'accounts-title');
}

/** Shows what has changed. The button that did it may be gone: the focus goes to `heading`. */
async function change(message, heading) {
  await load();
  say(message);
  $(heading).focus();
}

// ---- Helpers

function on(id, action) {
  onClick($(id), action);
}

let busy = false;

/** Runs one action at a time, and says what went wrong with it. */
function onClick(button, action) {
  button.addEventListener('click', async () => {
    if (busy) return;
    busy = true;
    button.ariaBusy = 'true';
    say('');
    try {
      await action();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Signed out or unlinked elsewhere: then this page is out of date.
      if (error.code !== 'unreachable') await load();
      say(error.message, 'problem');
    } finally {
      busy = false;
      button.ariaBusy = null;
    }
  });
}

/** Screen readers read it aloud. */
function say(text, kind = 'success') {
  $('message').className = text ? `message ${kind}` : 'message';
  $('message-text').textContent = text;
  $('message-dismiss').hidden = !text;
}

function fillTime(element, date) {
  element.dateTime = date;
  element.title = exact(date);
  element.textContent = relative(date);
}

function refreshTimes() {
  for (const time of document.querySelectorAll('time[datetime]')) {
    time.textContent = relative(time.dateTime);
  }
}

function fromTemplate(id) {
  const row = $(id).content.firstElementChild.cloneNode(true);
  const slots = {};
  for (const element of row.querySelectorAll('[data-slot]')) slots[element.dataset.slot] = element;
  return { row, slots };
}
