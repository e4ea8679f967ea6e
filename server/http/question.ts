import type { Request, Response } from 'express';
import type { Problem } from './form.js';
import { show } from './page.js';

/** What is asked before something is done that cannot be undone. */
export interface Question {
  heading: string;
  /** What will happen, with counts. */
  text: readonly string[];
  /** What the button says that does it. */
  label: string;
  /** Where one goes who thinks better of it. */
  back: string;
  hidden?: Readonly<Record<string, string | readonly string[]>>;
  /** What must be chosen first. */
  choice?: { name: string; label: string; empty: string; options: readonly { value: string; label: string }[] };
  /** What must be typed once more. */
  proof?: 'password' | 'password and code';
  /** What else must be typed. */
  typed?: { name: string; label: string; hint?: string };
}

/**
 * Asks, on the path that the answer is sent to: the GET of it is the question, the POST does it. With script a link to it
 * that says `data-dialog` shows it over the page one is on.
 */
export function askFirst(req: Request, res: Response, question: Question, problem?: Problem): void {
  show(res, 'confirm/question', {
    title: question.heading.replace(/\?$/, ''),
    to: req.path,
    question,
    ...problem,
  });
}

/** "no other session", "one other session", "3 other sessions". */
export function howMany(count: number, noun: string): string {
  return count === 0 ? `no ${noun}` : count === 1 ? `one ${noun}` : `${count} ${noun}s`;
}

/** The same as a sentence: "There is no other session.", "There is one other session.", "There are 3 other sessions." */
export function thereAre(count: number, noun: string): string {
  return `There ${count > 1 ? 'are' : 'is'} ${howMany(count, noun)}.`;
}
