import type { Request, Response } from 'express';
import { SecurityPolicy } from '#models/security-policy.js';
import { NotFound } from '#server/errors.js';
import { clientLine } from '#server/lib/client.js';
import type { HalfSignedIn } from '#server/identity/principal.js';
import { cookieName, readCookie, setCookie } from '#server/http/cookies.js';
import { setFlash } from '#server/http/flash.js';
import { pathId } from '#server/http/form.js';
import { askFirst } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { DAY } from '#server/lib/clock.js';
import { randomToken } from '#server/lib/random-token.js';
import { forgetBrowser, listRemembered, rememberBrowser, rememberedSince } from './actions.js';

const REMEMBERED_COOKIE = 'gatehouse-remembered';

/** For how many days the policy lets a browser be remembered; 0 is not at all. */
export async function rememberDays(tenantId: string): Promise<number> {
  return (await SecurityPolicy.of(tenantId)).rememberBrowserDays;
}

/** Remembers the browser of this request, where the policy allows it. */
export async function rememberThisBrowser(req: Request, res: Response, owner: HalfSignedIn): Promise<void> {
  const { services } = req.context;
  const token = randomToken();
  const days = await rememberBrowser(req.context, owner, token);
  if (days > 0) setCookie(res, services.config, REMEMBERED_COOKIE, token, days * DAY);
}

/** Since when the browser of this request has been remembered for this user; null when it is not. */
export async function rememberedBrowserSince(req: Request, user: HalfSignedIn['user']): Promise<number | null> {
  return rememberedSince(
    req.context,
    user,
    readCookie(req, cookieName(req.context.services.config, REMEMBERED_COOKIE)),
  );
}

export async function askForget(req: Request, res: Response): Promise<void> {
  const id = pathId(req);
  const browser = (await listRemembered(signedIn(req))).find((one) => one.id === id);
  if (!browser) throw new NotFound();
  askFirst(req, res, {
    heading: 'Forget this browser?',
    text: [`${clientLine(browser.client)}, ${browser.ip}: its next sign-in asks for a code. Its sessions go on.`],
    label: 'Forget the browser',
    back: '/security/sessions',
  });
}

export async function forget(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await forgetBrowser(context, pathId(req));
  setFlash(context.services, res, 'The browser is no longer remembered. It will be asked for a code.');
  res.redirect(303, '/security/sessions');
}
