import type { Model, ModelStatic, WhereOptions } from 'sequelize';
import type { SecurityPolicy } from '#policies/security-policy.js';

/** What may end it. */
export type Occasion =
  | 'disavowal'
  | 'reset by mail'
  | 'password change'
  | 'factor change'
  | 'sessions end'
  | 'disabling'
  | 'leaving'
  | 'suspension';

/** What becomes of one kind then. */
type Fate = 'end' | 'end what came with it' | 'end what is newer' | 'suspend what is newer';

/** One kind of thing that lets somebody in. */
export interface AccessKind {
  name: string;
  model: ModelStatic<Model>;
  /** Which rows of the table are of this kind and still let somebody in. */
  live: (now: number) => WhereOptions;
  /** What ends a row; null where the row itself goes. */
  end: ((at: number, occasion: Occasion) => Record<string, unknown>) | null;
  /** What suspends a row, until its owner puts it back. */
  suspend?: (at: number) => Record<string, unknown>;
  /** What one of them is called, for people; null where they are only counted. */
  nameOf: ((row: Model) => string) | null;
  on: Readonly<Partial<Record<Occasion, Fate>>>;
  /** The settings of the policy that limit it: tightening one ends, or shortens, what there is. */
  policy?: readonly (keyof SecurityPolicy)[];
}

/** What waits for its owner to put it back, where nobody can judge whose it is. */
export const suspended = (model: ModelStatic<Model>, live: (now: number) => object) => ({
  model,
  live: (now: number) => ({ suspendedAt: null, ...live(now) }),
  end: null,
  suspend: (at: number) => ({ suspendedAt: at }),
});
