import { alerts } from './text-readers/alerts.ts';
import { commandLine } from './text-readers/command-line.ts';
import type { TextReaders } from './text-readers/feeds.ts';
import { imports } from './text-readers/imports.ts';
import { notifiers } from './text-readers/notifiers.ts';
import { orderPages } from './text-readers/order-pages.ts';
import { ordersAndConfig } from './text-readers/orders-and-config.ts';
import { pops } from './text-readers/pops.ts';
import { programs } from './text-readers/programs.ts';
import { sinksAndFiles } from './text-readers/sinks-and-files.ts';
import { timing } from './text-readers/timing.ts';
import { web } from './text-readers/web.ts';

/**
 * Every module of `src/` and `probes/` that looks into texts, with functions that feed it with texts as they may come
 * from outside: orders, the config, the command line, files, programs and peers. A text in place of them says why none
 * of that gets there.
 */
export const textReaders: TextReaders = merged([
	alerts,
	notifiers,
	ordersAndConfig,
	pops,
	programs,
	sinksAndFiles,
	imports,
	timing,
	web,
	commandLine,
	orderPages,
]);

/** A module that two of them name would lose what the first has for it. */
function merged(parts: readonly TextReaders[]): TextReaders {
	const entries = parts.flatMap((part) => Object.entries(part));
	const whole = Object.fromEntries(entries);
	if (Object.keys(whole).length < entries.length) throw new Error('a module is named twice');
	return whole;
}
