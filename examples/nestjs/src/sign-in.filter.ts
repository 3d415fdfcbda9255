import {
  type ArgumentsHost, Catch, type ExceptionFilter, UnauthorizedException,
} from '@nestjs/common';
import type { Response } from 'express';

import { SIGN_IN } from './pages.js';

/** `@UseFilters(SignInFilter)`, for pages: who is not signed in is sent to the sign-in. */
@Catch(UnauthorizedException)
export class SignInFilter implements ExceptionFilter {
  catch(_exception: UnauthorizedException, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<Response>().redirect(SIGN_IN);
  }
}
