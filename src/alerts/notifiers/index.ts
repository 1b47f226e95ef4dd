import type { AnyNotifier, NotifierTable } from '../../model/notifier.ts';
import { alertmanager } from './alertmanager/index.ts';
import { email } from './email/index.ts';
import { exec } from './exec/index.ts';
import { webhook } from './webhook/index.ts';

const notifiers: readonly AnyNotifier[] = [alertmanager, webhook, email, exec];

/** The notifiers that the config file may name. */
export const builtInNotifiers: NotifierTable = new Map(notifiers.map((one) => [one.name, one]));
