import {
  type CanActivate, createParamDecorator, type ExecutionContext, Inject, Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import type { Kavach, SignedIn } from 'kavachos';

import { KAVACH } from './auth.token.js';

/** `@UseGuards(SignedInGuard)`: everybody else gets 401. */
@Injectable()
export class SignedInGuard implements CanActivate {
  constructor(@Inject(KAVACH) private readonly kavach: Kavach) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest();
    request.signedIn = await this.kavach.auth.getSession(request);
    if (request.signedIn === null) throw new UnauthorizedException();
    return true;
  }
}

/** `@CurrentUser() user: User`, behind the guard. */
export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const { signedIn } = context.switchToHttp().getRequest<{ signedIn: SignedIn }>();
  return signedIn.user;
});
