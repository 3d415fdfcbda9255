import { getKavach } from '@/lib/kavach';

// Next.js tells no route whose socket it is. Behind a proxy it is always the proxy's.
const [ip] = process.env.TRUSTED_PROXIES?.split(',') ?? [];

async function handle(request: Request) {
  const kavach = await getKavach();
  return kavach.handler(request, { ip });
}

export { handle as GET, handle as POST };
