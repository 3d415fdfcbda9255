import { createServer } from 'node:http';

import { app } from './app.js';
import { kavach } from './kavach.js';

const port = Number(process.env.PORT ?? 3000);
const server = createServer(app).listen(port, () => console.log(`Listening on port ${port}`));

process.once('SIGTERM', () => server.close(() => kavach.close()));
