import { createKavach } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';

const { env } = process;

export const kavach = await createKavach({
  database: {
    provider: (env.DATABASE_PROVIDER ?? 'sqlite') as 'sqlite' | 'postgres' | 'mysql',
    url: env.DATABASE_URL ?? 'app.db',
  },
  secret: env.KAVACH_SECRET!,
  baseUrl: env.BASE_URL ?? 'http://localhost:3000',
  trustedProxies: env.TRUSTED_PROXIES?.split(','),
  plugins: [
    oauth({
      providers: [
        bitbucketProvider(
          env.BITBUCKET_CLIENT_ID!,
          env.BITBUCKET_CLIENT_SECRET!,
          // Another server that speaks like Bitbucket; unset, it is Bitbucket itself.
          env.BITBUCKET_ENDPOINTS ? JSON.parse(env.BITBUCKET_ENDPOINTS) : undefined,
        ),
      ],
    }),
  ],
});
