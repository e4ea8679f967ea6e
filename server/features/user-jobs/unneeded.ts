/** By the time that it was somebody’s turn they were so already: nothing was done, and the report must not say so. */
export class Unneeded extends Error {}

/** What is said of a row of a file that would change nothing. */
export const ALL_SO = 'All of it is so already.';
