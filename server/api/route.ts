import type { Request, Response } from 'express';
import * as z from 'zod';
import type { Context, UserContext } from '#server/context.js';
import type { FileInParts } from '#server/http/parts.js';
import type { Anyone, Permitted } from '#server/input/access.js';

export type ApiMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * Who may, beside `anyone`, who is counted by address, and `may(permission)`.
 * - `anyCredential`: whoever has a credential
 * - `wholeCredential`: a credential that is not limited to some permissions, because it changes its owner's account
 * - `credentialOrSession`: whoever has a credential, or is signed in with a browser
 */
export type ApiAccess =
  Anyone | Permitted | { who: 'credential' } | { who: 'wholeCredential' } | { who: 'credentialOrSession' };

export const anyCredential = { who: 'credential' } as const;
export const wholeCredential = { who: 'wholeCredential' } as const;
export const credentialOrSession = { who: 'credentialOrSession' } as const;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a call is given. `context` is the caller's; at an open call it has no actor. */
export interface ApiCall<Q, B, A extends ApiAccess = ApiAccess> {
  context: A extends Anyone ? Context : UserContext;
  /** The id in the path. */
  id: string;
  params: Record<string, string>;
  query: Q;
  body: B;
  req: Request;
  res: Response;
}

/** One call of the API: what it takes, what it gives, and who may. OpenAPI is made from this, so it cannot lie. */
export interface ApiRoute {
  method: ApiMethod;
  /** Below `/api/v1`, as Express writes it: `/users/:id`. */
  path: string;
  tag: string;
  summary: string;
  description: string;
  access: ApiAccess;
  query: z.ZodObject;
  body: z.ZodType | null;
  /** How the body is sent. */
  bodyType: 'json' | 'form';
  /** Takes a body of up to 5 MB, from whoever may call it alone. */
  large: boolean;
  /** Takes a body of up to 128 kB, whose texts are long. */
  long: boolean;
  status: 200 | 201 | 202 | 204;
  /** What it answers, with 202, where the handler gives `Waiting`: it is done once somebody else has approved it. */
  waiting: z.ZodType | null;
  /** What the answer holds; null for none. */
  reply: z.ZodType | null;
  /** The media type of the answer, where it is not JSON. */
  replyType: 'application/json' | 'application/jsonl' | 'text/csv' | 'text/plain';
  /** The headers that the answer carries beside those of every answer. */
  replyHeaders: Readonly<Record<string, string>>;
  /** What it may be refused with beside what every call of its kind may be. */
  refusals: readonly (409 | 404)[];
  handler: (call: ApiCall<never, never>) => Promise<unknown>;
}

/** What a handler gives where the call is not done yet. */
export class Waiting {
  constructor(readonly reply: unknown) {}
}

/** What a handler gives where the answer is a file, which is sent part by part; its schema says what the whole is. */
export class Download {
  constructor(
    readonly name: string,
    readonly begin: FileInParts['begin'],
  ) {}
}

type Definition<Q, B, A extends ApiAccess> = Pick<ApiRoute, 'method' | 'path' | 'tag' | 'summary'> &
  Partial<
    Pick<ApiRoute, 'description' | 'bodyType' | 'large' | 'long' | 'status' | 'replyType' | 'replyHeaders' | 'refusals'>
  > & {
    access: A;
    query?: Q;
    body?: B;
    reply?: z.ZodType;
    waiting?: z.ZodType;
    handler: (call: ApiCall<Parsed<Q>, Parsed<B>, A>) => Promise<unknown>;
  };

/** Defines a call; the types of its query and body follow from their schemas. */
export function apiRoute<
  const A extends ApiAccess,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(definition: Definition<Q, B, A>): ApiRoute {
  const { query, body, reply, waiting, handler, ...rest } = definition;
  return {
    description: '',
    bodyType: 'json',
    large: false,
    long: false,
    status: reply ? 200 : 204,
    replyType: 'application/json',
    replyHeaders: {},
    refusals: [],
    ...rest,
    query: refusingOthers(query ?? z.object({})),
    body: body ?? null,
    reply: reply ?? null,
    waiting: waiting ?? null,
    handler: handler,
  };
}

// What is not asked for is refused: a filter with a typing error must not look as if it had found all. A schema that means
// to pass over what it does not know says so (`looseObject`).
function refusingOthers(query: z.ZodObject): z.ZodObject {
  return query.def.catchall ? query : query.strict();
}
