import { toNodeHandler } from 'kavachos/node';

import { kavach } from './kavach.js';

const auth = toNodeHandler(kavach);

/** A Fastify plugin: the routes of kavachos. Register it as it is, without `fastify-plugin`. */
export async function kavachRoutes(fastify) {
  // Nobody reads the body here but the library; the parsers of the application stay as they are.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (request, payload, done) => done(null));

  fastify.all('/api/kavach/*', (request, reply) => {
    // What hooks have put on the reply, such as security headers, is sent along.
    reply.raw.setHeaders(new Map(Object.entries(reply.getHeaders())));
    reply.hijack();
    return auth(request.raw, reply.raw);
  });
}
