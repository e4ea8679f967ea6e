import type { Request, Response } from 'express';
import { pathId } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { dropSession } from '#server/http/session.js';
import { timesFor } from '#server/http/times.js';
import { maskEmail } from '#server/mail/words.js';
import { EVENTS, isEventName } from '#server/trace/events.js';
import { answerLink, leadOn, pageOfLink, tokenOf, type TakenLink } from '#server/http/link-page.js';
import { disavow, disavowByLink, findDisavowalLink, previewDisavowal, type Secured } from './actions.js';

const DEAD = 'disavowal/invalid';
const TITLE = "This wasn't me";

export async function showDisavowal(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const { activity, held } = await previewDisavowal(context, pathId(req));
  show(res, 'disavowal/confirm', { title: TITLE, activity, held, address: maskEmail(context.user.email) });
}

export async function sendDisavowal(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const secured = await disavow(context, pathId(req));
  dropSession(context.services, res);
  sayWhatNow(req, res, { ...secured, owner: context.user, tenant: context.tenant });
}

export async function showLink(req: Request, res: Response): Promise<void> {
  await answerLink(req, res, DEAD, async () => {
    const found = await findDisavowalLink(req.context, tokenOf(req));
    const { link, user, held } = found;
    const about = link.about ?? '';
    show(res, 'disavowal/link', {
      title: TITLE,
      what: isEventName(about) ? EVENTS[about].label : about,
      at: link.createdAt,
      held,
      address: maskEmail(user.email),
      ...timesFor(user.locale, user.timeZone, req.context.now),
      ...pageOfLink(req, found),
    });
  });
}

export async function takeLink(req: Request, res: Response): Promise<void> {
  const { services, user } = req.context;
  await answerLink(req, res, DEAD, async () => {
    const secured = await disavowByLink(req.context, tokenOf(req));
    if (user?.id === secured.owner.id) dropSession(services, res);
    sayWhatNow(req, res, secured);
  });
}

function sayWhatNow(req: Request, res: Response, taken: Secured & TakenLink): void {
  const next = taken.held
    ? `The e-mail address of the account was changed lately, so an administrator of ${taken.tenant.name} has to send you the link for a new password. Ask one of them.`
    : 'A link for a new password is on its way to your e-mail address.';
  leadOn(
    req,
    res,
    taken,
    `The account is secured: it is signed out everywhere, and its password no longer works. ${next}`,
  );
}
