import type { WebSettings } from '../config/web-setting.ts';
import { declaredFacts } from '../model/facts.ts';
import type { Order } from '../model/order.ts';
import { factTableOf, type ProbeTable } from '../model/probe.ts';
import type { ToldEvent } from '../outcomes/event-json.ts';
import { OutcomeStream } from '../outcomes/stream.ts';
import { holderOf } from './access/tokens.ts';
import { TokensFile } from './access/tokens-file.ts';
import { orderInFile, tellTree } from './alone.ts';
import { KnownOrders } from './api/known-orders.ts';
import { FeedClient } from './feed/feed-client.ts';
import { orderOfChanged } from './feed/known-order.ts';
import { ArchiveSize } from './metrics/archive-size.ts';
import { countedBefore } from './metrics/counted-before.ts';
import { MetricsRegistry } from './metrics/registry.ts';
import { pagesOf } from './pages/index.ts';
import { routesOf } from './routes/index.ts';
import { Admission } from './server/admission.ts';
import { openWebServer } from './server/web-server.ts';
import { Summaries } from './summary/summaries.ts';
import type { WebParts } from './web-parts.ts';

export interface WebOptions {
	readonly baseDir: string;
	readonly version: string;
	readonly settings: WebSettings;
	readonly probes: ProbeTable;
	readonly log: WebParts['log'];
	readonly explain: WebParts['explain'];
	readonly isAlone: boolean;
}

export interface RunningWeb {
	/** Where it listens, as URLs. */
	readonly addresses: readonly string[];
	close(): void;
}

/**
 * Serves a base directory: what the daemon tells through its socket, and what the files say. Rejects with a message for
 * the user when it cannot listen.
 */
export async function serveWeb(options: WebOptions): Promise<RunningWeb> {
	const { baseDir, settings, probes, log } = options;
	const stream = new OutcomeStream((subscriber, error) =>
		log.error(`a fault in ${subscriber}, please report it: ${error instanceof Error ? error.stack : error}`),
	);
	const facts = factTableOf(probes);
	const registry = new MetricsRegistry({
		...settings,
		facts,
		commonFacts: new Set(declaredFacts().map(({ name }) => name)),
		before: (id, pop) => countedBefore(baseDir, id, pop),
		tooMany: (leftOut) =>
			log.warn(
				`web: series_max (${settings.seriesMax}) leaves ${leftOut} orders without metrics. Make it larger, or scrape in parts with /metrics?orders=`,
			),
	});
	stream.subscribe(registry);
	const orders = new KnownOrders();
	stream.subscribe(orders);
	const summaries = new Summaries(baseDir);
	stream.subscribe(summaries);
	let isComplete = false;
	let silence: string | null = 'it was not asked yet';
	const feed = new FeedClient(
		{ baseDir },
		{
			event: (event) =>
				pass(event, stream, (told) => orderOfChanged(told, orderInFile(baseDir, told.order.id, probes))),
			complete: (ids) => {
				isComplete = true;
				for (const id of stream.ids()) if (!ids.has(id)) stream.gone(id, 'deleted');
			},
			silent: (why) => {
				silence = why;
				// What a daemon tells later counts more.
				if (options.isAlone && why !== null && !isComplete && stream.size === 0)
					tellTree(baseDir, probes, stream);
			},
		},
	);
	const tokensFile = settings.tokensFile === null ? null : new TokensFile(settings.tokensFile, log.warn);
	const tokens = () => tokensFile?.tokens() ?? [];
	const parts: WebParts = {
		...{ ...options, stream, registry, orders, summaries, facts, archive: new ArchiveSize(baseDir) },
		holderOf: (presented) => holderOf(tokens(), presented),
		daemon: () => ({ complete: isComplete, silence }),
	};
	const pages = pagesOf(parts);
	const routes = routesOf(parts, pages);
	const admission = new Admission(settings, tokens, () => Date.now() / 1000);
	try {
		const server = await openWebServer({ settings, routes, admission, log, faultPage: pages.faultPage });
		return {
			addresses: server.addresses,
			close: () => {
				feed.close();
				server.close();
			},
		};
	} catch (error) {
		feed.close();
		throw error;
	}
}

/** Tells our own stream what the daemon told. */
function pass(
	event: ToldEvent,
	stream: OutcomeStream,
	orderOf: (told: Extract<ToldEvent, { about: 'changed' }>) => Order,
): void {
	switch (event.about) {
		case 'changed':
			stream.changed(orderOf(event));
			break;
		case 'gone':
			stream.gone(event.id, event.why);
			break;
		case 'outcomes':
			stream.outcomes(event.outcomes);
			break;
		default:
	}
}
