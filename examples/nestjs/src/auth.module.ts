import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Kavach } from 'kavachos';

import { KAVACH } from './auth.token.js';
import { kavach } from './kavach.js';
import { SignedInGuard } from './signed-in.guard.js';

/** Gives `KAVACH` and the guard to the modules that import it. */
@Module({
  providers: [{ provide: KAVACH, useValue: kavach }, SignedInGuard],
  exports: [KAVACH, SignedInGuard],
})
export class AuthModule implements OnApplicationShutdown {
  constructor(@Inject(KAVACH) private readonly kavach: Kavach) {}

  onApplicationShutdown(): Promise<void> {
    return this.kavach.close();
  }
}
