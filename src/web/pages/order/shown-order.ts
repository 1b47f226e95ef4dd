import type { Order } from '../../../model/order.ts';
import { parseUrl } from '../../../model/parse-url.ts';
import { popFolderIn } from '../../../model/pop.ts';
import { withoutPasswords } from '../../../model/printable.ts';
import { isElsewhere } from '../../../model/where.ts';
import { type FoundOrder, findOrderFolder } from '../../../store/find-orders.ts';
import { isSafeOrderId } from '../../../store/order-path.ts';
import { readStoredOrder, type StoredOrder } from '../../../store/series.ts';
import type { FactPart } from '../../browser/fact-words.ts';
import { RequestFault } from '../../server/route.ts';
import type { PageContext } from '../page.ts';

/** What `explain --json` says, as far as pages show it. Times are seconds since the epoch. */
export interface Explained {
	readonly state: string;
	readonly reason: string | null;
	readonly order: {
		readonly user: string;
		readonly task: string | null;
		readonly title: string | null;
		readonly note: string | null;
		readonly link: string | null;
		readonly objective: number | null;
		readonly step: number;
		readonly pings: number;
		readonly probe: string;
		readonly target: string;
		readonly options: Readonly<Record<string, unknown>>;
		readonly tags: Readonly<Record<string, string>>;
	} | null;
	readonly facts: Readonly<
		Record<
			string,
			{
				readonly value: FactPart | readonly FactPart[];
				readonly kind: string;
				readonly unit: string | null;
				readonly help: string;
				readonly sum: number | null;
			}
		>
	>;
	readonly facts_time: number | null;
	readonly measurements: readonly {
		readonly time: number;
		readonly pings: number;
		readonly samples?: readonly { readonly rtt: number | null }[];
		readonly loss?: number;
		readonly sorted_rtts?: readonly number[];
	}[];
	readonly files: readonly { readonly path: string; readonly bytes: number; readonly modified: number }[];
	readonly expires: number | null;
	readonly archived: { readonly why: string; readonly time: number | null } | null;
	readonly daemon: { readonly silence?: string; readonly memory?: ExplainedMemory | null };
}

interface ExplainedMemory {
	readonly since: number;
	readonly slots: Readonly<Record<string, number>>;
	readonly last_failure: { readonly time: number; readonly reason: string } | null;
	readonly last_skip: { readonly time: number; readonly reason: string } | null;
	readonly last_loss: { readonly time: number; readonly reason: string } | null;
	readonly next_due: number;
	readonly batch: { readonly targets: number; readonly orders: { readonly count: number } };
	readonly last_run: {
		readonly started: number;
		readonly took: number | null;
		readonly window: number;
		readonly targets: number;
		readonly address?: string | null;
		readonly commands: readonly { readonly program: string; readonly args: readonly string[] }[];
		readonly notes: readonly string[];
	} | null;
}

/** The order that a page is about. */
export interface ShownOrder {
	readonly id: string;
	/** Null: it is not measured, or not known yet. */
	readonly order: Order | null;
	/** Where its files are; null: there are none yet. */
	readonly found: FoundOrder | null;
	/** What main.rrd says of itself; null: there is none, or it cannot be read. */
	readonly stored: StoredOrder | null;
	/** Null: it could not be asked. */
	readonly told: Explained | null;
	/** What people call it. */
	readonly title: string | null;
	readonly note: string | null;
	/** Without passwords. */
	readonly link: string | null;
	readonly objectivePercent: number | null;
	/** Points of presence alone measure it: there are no graphs of its own. */
	readonly isElsewhere: boolean;
	/** Of a slot, seconds, and pings of a measurement. */
	readonly stepSeconds: number;
	readonly pings: number;
}

const known = new WeakMap<PageContext, Promise<ShownOrder>>();

/** The order of a page, looked up once for all its sections. Rejects with a `RequestFault` where there is none. */
export function shownOrder(context: PageContext): Promise<ShownOrder> {
	let shown = known.get(context);
	if (shown === undefined) {
		shown = lookUp(context, context.asked.path['id'] ?? '');
		known.set(context, shown);
	}
	return shown;
}

/** Any order. Rejects with a `RequestFault` where there is none. */
async function lookUp({ parts }: Pick<PageContext, 'parts'>, id: string): Promise<ShownOrder> {
	const found = isSafeOrderId(id) ? findOrderFolder(parts.baseDir, id) : null;
	const order = parts.orders.named(id)?.order ?? null;
	const told = isSafeOrderId(id) ? ((await parts.explain(id)) as Explained | null) : null;
	if (found === null && order === null && told === null)
		throw new RequestFault(404, 'there is no such order');
	const stored = found === null ? null : storedIn(found);
	const written = told?.order ?? null;
	return {
		...{ id, order, found, stored, told },
		title: order?.title ?? written?.title ?? null,
		note: order?.note ?? written?.note ?? null,
		link: harmless(order?.link ?? written?.link ?? null),
		isElsewhere: popFolderIn(id) === null && order !== null && isElsewhere(order),
		objectivePercent: order?.objectivePercent ?? written?.objective ?? null,
		stepSeconds: order?.stepSeconds ?? written?.step ?? stored?.stepSeconds ?? 60,
		pings: order?.pings ?? written?.pings ?? stored?.pings ?? 1,
	};
}

function storedIn(found: FoundOrder): StoredOrder | null {
	try {
		return readStoredOrder(found);
	} catch {
		// Of `norrd`, or damaged: the graph says so itself.
		return null;
	}
}

/** An address that may be shown to everybody, and be followed. */
export function harmless(link: string | null): string | null {
	const url = link !== null && /^https?:\/\//i.test(link) ? parseUrl(link) : null;
	if (link === null || url === null) return null;
	if (url.username === '' && url.password === '') return withoutPasswords(link) === link ? link : url.href;
	url.username = '';
	url.password = '';
	return url.href;
}
