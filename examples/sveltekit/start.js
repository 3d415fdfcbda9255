// Without ORIGIN the adapter takes the origin from the Host header, as https, and SvelteKit then
// refuses the form of the sign-out.
process.env.ORIGIN ??= process.env.BASE_URL ?? 'http://localhost:3000';

await import('./build/index.js');
