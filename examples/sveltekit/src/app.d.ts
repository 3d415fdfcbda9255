import type { SignedIn } from 'kavachos';

declare global {
  namespace App {
    interface Locals {
      /** Who is signed in; `null` is nobody. */
      signedIn: SignedIn | null;
    }
  }
}
