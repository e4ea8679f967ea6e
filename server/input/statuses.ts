/** What a status is called: over the page, in the answer of the API, and in its description, of which each call has some. */
interface Status {
  /** Over the page that says it. */
  heading?: string;
  /** The `title` of the answer of the API. */
  title?: string;
  /** In the description of the API; absent where no call of its own is answered so. */
  meaning?: string;
}

/** Every status that is answered with, once. */
export const STATUSES: Readonly<Record<number, Status>> = {
  200: { meaning: 'Done' },
  201: { meaning: 'Made' },
  202: { meaning: 'Taken' },
  204: { meaning: 'Done; nothing to tell' },
  400: {
    heading: 'That request could not be understood',
    title: 'Bad request',
    meaning: 'The request cannot be read',
  },
  401: { title: 'Not authenticated', meaning: 'The credential is missing, wrong, expired or revoked' },
  403: { heading: 'You are not allowed to do this', title: 'Not allowed', meaning: 'Not allowed' },
  404: { heading: 'Page not found', title: 'Not found', meaning: 'Not there, or another organisation’s' },
  405: { heading: 'That cannot be done here', title: 'Method not allowed' },
  409: {
    heading: 'That is not possible now',
    title: 'Conflict',
    meaning: 'Not in the state that things are in now',
  },
  413: { heading: 'That is too much at once', title: 'Too large', meaning: 'The body is too large' },
  414: { title: 'Address too long' },
  415: {
    heading: 'That kind of content is not accepted',
    title: 'Unsupported media type',
    meaning: 'The body is of another type',
  },
  421: { heading: 'Wrong address', title: 'Misdirected request' },
  422: {
    heading: 'Something in the form is not right',
    title: 'Invalid input',
    meaning: 'A field is wrong; `errors` says which',
  },
  429: {
    heading: 'Too many tries',
    title: 'Too many requests',
    meaning: 'Too many requests; `Retry-After` says how many seconds to wait',
  },
  503: {
    heading: 'Not available just now',
    title: 'Unavailable',
    meaning: 'Busy; `Retry-After` says how many seconds to wait',
  },
};
