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
  constructor(message = 'You are not allowed to do this. Ask an administrator of your organisation.') {
    super(403, 'forbidden', message);
  }
}

/** 409: right in itself, but not in the state things are in now. */
export class Conflict extends Refusal {
  constructor(message: string) {
    super(409, 'conflict', message);
  }
}

/** 422: what was typed cannot be taken; says so field by field. */
export class Invalid extends Refusal {
  readonly errors: readonly FieldError[];
  constructor(errors: readonly FieldError[]) {
    super(422, 'invalid', errors.map((error) => error.message).join(' '));
    this.errors = errors;
  }
  static field(field: string, message: string): Invalid {
    return new Invalid([{ field, message }]);
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
