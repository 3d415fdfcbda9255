// Finds the peers: a file each in peers/.

/**
 * Those whose packages are installed; what else goes wrong in one is an error.
 *
 * @param {string[]} names
 */
export async function loadPeers(names) {
  const peers = [];
  const missing = [];
  for (const name of names) {
    const file = new URL(`peers/${name}.js`, import.meta.url).href;
    try {
      const { callbackPath, version } = await import(file);
      peers.push({ name, file, callbackPath, version: version() });
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND' || name === 'kavachos') throw error;
      missing.push({ name, reason: error.message.split('\n')[0] });
    }
  }
  return { peers, missing };
}
