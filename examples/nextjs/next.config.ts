import type { NextConfig } from 'next';

export default {
  // An addon cannot be bundled: it is loaded from node_modules.
  serverExternalPackages: ['kavachos'],
  // This project lies inside another one, which Next.js would take for the root.
  turbopack: { root: import.meta.dirname },
} satisfies NextConfig;
