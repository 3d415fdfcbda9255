import { Controller, Get, Header, Inject, Req, UseFilters, UseGuards } from '@nestjs/common';
import type { Request } from 'express';
import type { Kavach, User } from 'kavachos';

import { KAVACH } from './auth.token.js';
import { dashboard, home } from './pages.js';
import { SignInFilter } from './sign-in.filter.js';
import { CurrentUser, SignedInGuard } from './signed-in.guard.js';

@Controller()
export class PagesController {
  constructor(@Inject(KAVACH) private readonly kavach: Kavach) {}

  @Get()
  @Header('cache-control', 'no-store')
  async home(@Req() request: Request): Promise<string> {
    const signedIn = await this.kavach.auth.getSession(request);
    return home(signedIn?.user);
  }

  @Get('dashboard')
  @Header('cache-control', 'no-store')
  @UseGuards(SignedInGuard)
  @UseFilters(SignInFilter)
  dashboard(@CurrentUser() user: User): string {
    return dashboard(user);
  }

  @Get('me')
  @UseGuards(SignedInGuard)
  me(@CurrentUser() user: User): Pick<User, 'id' | 'name'> {
    return { id: user.id, name: user.name };
  }
}
