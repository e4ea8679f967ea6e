import type { Request, Response } from 'express';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { readInstallation } from './actions.js';

export async function showHealth(req: Request, res: Response): Promise<void> {
  show(res, 'health/index', { title: 'Health', ...(await readInstallation(signedIn(req))) });
}
