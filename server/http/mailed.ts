import type { Services } from '#server/context.js';

/**
 * What is said to whoever has somebody mailed: that it is on its way, or, where no mail server is set and mails reach nobody,
 * how it comes to them all the same.
 */
export function mailed({ config }: Services, what: string, to = ''): string {
  return config.smtpUrl === null
    ? `No mail server is set, so ${what} reaches nobody by itself: it lies in the folder “mail” of Gatehouse’s data, and whoever runs the server hands it over.`
    : `${what.charAt(0).toUpperCase()}${what.slice(1)} is on its way${to}.`;
}
