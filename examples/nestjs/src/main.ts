import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Kavach } from 'kavachos';
import { toNodeHandler } from 'kavachos/node';

import { AppModule } from './app.module.js';
import { KAVACH } from './auth.token.js';

const app = await NestFactory.create<NestExpressApplication>(AppModule);
app.use('/api/kavach', toNodeHandler(app.get<Kavach>(KAVACH)));
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000);
