/** A refusal that a person or a program can act on. The door (page, API, command line) decides how it looks. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = new.target.name;
    this.status = status;
    this.code = code;
  }
}

export interface FieldError {
  /** The name of the form's field; '' when it is about the whole form. */
  field: string;
  message: string;
}

/** 404: not there, or another tenant's, which must look the same. */
export class NotFound extends Refusal {
  constructor(message = 'There is nothing here, or it is not yours to see.') {
    super(404, 'not_found', message);
  }
}

/** 403: signed in, and still not allowed. */
export class Forbidden extends Refusal {
  /** What the credential of a program lacks, by its permission; '' where no one permission would do. Null where it is not that. */
  readonly lacking: string | null;
  constructor(
    message = 'You are not allowed to do this. Ask an administrator of your organisation.',
    lacking: string | null = null,
  ) {
    super(403, 'forbidden', message);
    this.lacking = lacking;
  }
}

/** 403: the form belongs to a page that is no longer good. */
export class OutOfDate extends Refusal {
  /** Whether it may be sent anew as it is: it is of the sender's own. */
  readonly again: boolean;
  constructor(message: string, again: boolean) {
    super(403, 'out_of_date', message);
    this.again = again;
  }
}

/** 401: whoever asks is signed in no more. */
export class SignedOut extends Refusal {
  /** What the form that was sent had for a proof of where it comes from; null where that was looked at, or there is none. */
  readonly token: string | null;
  constructor(token: string | null = null) {
    super(401, 'signed_out', 'You have been signed out meanwhile, so nothing was done. Sign in and do it again.');
    this.token = token;
  }
}

/** 401 for programs, and which kind: the credential is unknown or wrong, has expired, or was revoked. */
export class Unauthenticated extends Refusal {
  /** False where a browser asks, which would take the challenge for an order to open its own sign-in window. */
  readonly offerBasic: boolean;
  constructor(
    code: 'invalid_credentials' | 'token_expired' | 'token_revoked' | 'token_waiting',
    message: string,
    offerBasic = true,
  ) {
    super(401, code, message);
    this.offerBasic = offerBasic;
  }
}

/** 403: from an address that the organisation, or the credential, lets nobody in from. */
export class Outside extends Refusal {
  constructor(message: string) {
    super(403, 'ip_not_allowed', message);
  }
}

/** 403: signed in, and bound to do something else first. */
export class Bound extends Refusal {
  readonly duty: keyof typeof FIRST;
  constructor(duty: keyof typeof FIRST) {
    super(403, 'duty', FIRST[duty]);
    this.duty = duty;
  }
}

const FIRST = {
  removal: 'This account is about to be deleted. Take that back first.',
  password: 'Choose a new password first.',
  'two-factor': 'Set up two-factor authentication first.',
  passkey: 'Add a passkey first, or confirm with one that you have.',
  pass: 'Set up how you sign in, then sign in with it.',
} as const;

/** 403: who began something that still goes on may no longer do it: nothing more of it is done. */
export class AuthorityLost extends Refusal {
  constructor(message: string) {
    super(403, 'authority_lost', message);
  }
}

/** 405: what is there takes other methods; says which. */
export class MethodNotAllowed extends Refusal {
  readonly allow: string;
  constructor(method: string, allow: string) {
    super(405, 'method_not_allowed', `${method} is nothing that can be done here. Send one of these: ${allow}.`);
    this.allow = allow;
  }
}

/** 409: right in itself, but not in the state things are in now. */
export class Conflict extends Refusal {
  constructor(message: string) {
    super(409, 'conflict', message);
  }
}

/** 409: somebody else, or another window, was first. */
export class ChangedMeanwhile extends Conflict {
  constructor(then = 'Reload the page and try again.') {
    super(`This account was changed a moment ago. ${then}`);
  }
}

/** 422: what was typed cannot be taken; says so field by field. */
export class Invalid extends Refusal {
  readonly errors: readonly FieldError[];
  constructor(errors: readonly FieldError[], status = 422, code = 'invalid') {
    super(status, code, errors.map((error) => error.message).join(' '));
    this.errors = errors;
  }
  static field(field: string, message: string): Invalid {
    return new Invalid([{ field, message }]);
  }
}

/** 400: the same of a body that a standard describes, as that has it (RFC 6749, 5.2; RFC 7662, 2.1). */
export class InvalidRequest extends Invalid {
  constructor({ errors }: Invalid) {
    super(errors, 400, 'invalid_request');
  }
}

/** 429: too many tries; says how many seconds to wait. */
export class TooMany extends Refusal {
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds: number) {
    super(429, 'too_many_requests', message);
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterSeconds));
  }
}

/** 503: not now; nothing was changed. */
export class Unavailable extends Refusal {
  constructor(message = 'Gatehouse is busy just now. Wait a moment and try again.') {
    super(503, 'unavailable', message);
  }
}

/** 400, 413, 415, 421 and the like: the request itself is not one we take. */
export class BadRequest extends Refusal {
  constructor(message: string, status = 400, code = 'bad_request') {
    super(status, code, message);
  }
}
