import type { Request } from 'express';
import { Passport } from 'passport';
import { Strategy, type VerifyFunctionWithRequest } from 'passport-local';
import { readBrowser } from '#server/http/browser.js';
import { checkCredentials, type SignInCandidate } from '#server/identity/check-credentials.js';

const verify: VerifyFunctionWithRequest = (req, username, password, done) => {
  const { organization } = req.body as { organization: string };
  const { context } = req;
  checkCredentials(context, { organization, username, password, browser: readBrowser(context.services, req) }).then(
    (candidate) => done(null, candidate as unknown as Express.User),
    (error: unknown) => done(error),
  );
};

const passport = new Passport();
passport.use(new Strategy({ usernameField: 'username', passwordField: 'password', passReqToCallback: true }, verify));

/**
 * Checks the credentials in the body through passport-local; the session is ours to make, so it is told to make none.
 * Call it only once the form has been read: passport-local would take credentials from the query as well.
 */
export function authenticate(req: Request): Promise<SignInCandidate> {
  return new Promise((resolve, reject) => {
    const run = passport.authenticate('local', { session: false }, (error: unknown, candidate?: unknown) => {
      if (error) reject(error as Error);
      else if (candidate) resolve(candidate as SignInCandidate);
      else reject(new Error('passport-local was given no username or password.'));
    }) as (req: Request, res: unknown, next: (error?: unknown) => void) => void;
    run(req, req.res, (error) => reject(error as Error));
  });
}
