import { createClient } from 'kavachos/client';

export const client = createClient();
