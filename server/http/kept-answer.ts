import type { Request, Response } from 'express';
import { AnsweredForm } from '#models/answered-form.js';
import type { Services } from '#server/context.js';
import { describeError } from '#server/lib/log.js';
import { adoptSession } from './session.js';

/** An answer as it is kept; the id of a session that came with it goes into its cookie by the same way as the first time. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  cookies: string[];
  sid: string | null;
  body: string;
}

const KEPT_HEADERS = ['content-type', 'content-encoding', 'location', 'clear-site-data'];
// A page; what is larger is given out once.
const LARGEST = 256 * 1024;

/** The answer that is kept under this id. */
export function openAnswer({ keys }: Services, id: string, sealed: string): Answer {
  return JSON.parse(keys.open(sealed, about(id))) as Answer;
}

/** Answers with it. */
export async function giveAnswer(req: Request, res: Response, answer: Answer): Promise<void> {
  const { status, headers, cookies, sid, body } = answer;
  res.status(status);
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.append('Set-Cookie', cookies);
  if (sid !== null) await adoptSession(req, sid);
  res.end(Buffer.from(body, 'base64'));
}

/** Keeps what the response will be, before it is sent: the second may come as soon as the first can be read. */
export function keepAnswer(services: Services, req: Request, res: Response, id: string): void {
  const end = res.end.bind(res) as (...given: unknown[]) => Response;
  res.end = (...given: unknown[]) => {
    const body = typeof given[0] === 'string' ? Buffer.from(given[0]) : (given[0] as Buffer | undefined);
    void settle(services, req, res, id, body ?? Buffer.alloc(0))
      .catch((error: unknown) => {
        services.log.error({ requestId: req.context.requestId, err: describeError(error) }, 'answer not kept');
      })
      .finally(() => end(...given));
    return res;
  };
}

async function settle(services: Services, req: Request, res: Response, id: string, body: Buffer): Promise<void> {
  // What was sent in parts is made anew for whoever sends the form again.
  if (res.statusCode >= 400 || res.headersSent) {
    await AnsweredForm.destroy({ where: { id } });
    return;
  }
  const headers = Object.fromEntries(
    KEPT_HEADERS.map((name) => [name, res.getHeader(name)]).filter(([, value]) => typeof value === 'string'),
  ) as Record<string, string>;
  const cookies = [res.getHeader('set-cookie') ?? []].flat().map(String);
  const { statusCode: status } = res;
  const answer: Answer = { status, headers, cookies, sid: req.nextSid ?? null, body: body.toString('base64') };
  const sealedAnswer = body.length > LARGEST ? null : services.keys.seal(JSON.stringify(answer), about(id));
  await AnsweredForm.keep(services.database, id, sealedAnswer, services.clock.now());
}

function about(id: string): string {
  return `answered-form/${id}`;
}
