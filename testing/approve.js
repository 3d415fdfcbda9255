/**
 * Walks the stand-in's pages as a browser would, with cookies of its own.
 *
 * @param {string | URL} authorizationUrl
 * @param {object} options
 * @param {string} options.user whom to sign in
 * @param {boolean} [options.deny] press *Cancel* instead of *Grant access*
 * @returns {Promise<string>} where the browser is sent in the end
 */
export async function approve(authorizationUrl, { user, deny = false }) {
  const start = new URL(authorizationUrl);
  let cookie = '';
  let url = start;
  let form;
  // Page, sign-in, consent, decision: more steps than these mean that the pages go in circles.
  for (let step = 0; step < 6; step += 1) {
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      headers: { accept: 'text/html', ...(cookie && { cookie }) },
      body: form && new URLSearchParams(form),
      redirect: 'manual',
    });
    const text = await response.text();
    for (const line of response.headers.getSetCookie()) [cookie] = line.split(';');

    const location = response.headers.get('location');
    if (location !== null) {
      const next = new URL(location, url);
      if (next.origin !== start.origin || next.pathname !== start.pathname) return location;
      url = next;
      form = undefined;
    } else if (response.ok && text.includes('name="user"')) {
      form = { user };
    } else if (response.ok && text.includes('name="decision"')) {
      form = { decision: deny ? 'cancel' : 'grant' };
    } else {
      throw new Error(`no redirect (${response.status}): ${plainText(text)}`);
    }
  }
  throw new Error('no redirect: the pages go in circles');
}

function plainText(html) {
  return html
    .replace(/<(style|title)>.*?<\/\1>/gs, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
