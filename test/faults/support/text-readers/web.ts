/** Those who ask. */

import { z } from 'zod';
import { webSetting } from '../../../../src/config/web-setting.ts';
import { countsOf } from '../../../../src/counts/order-counts.ts';
import { readCountsLine } from '../../../../src/counts/read-counts.ts';
import { timePoint } from '../../../../src/model/time-point.ts';
import { isOurHost } from '../../../../src/web/access/hosts.ts';
import { cookieIn, holderOfSession } from '../../../../src/web/access/sessions.ts';
import { readTokens } from '../../../../src/web/access/tokens.ts';
import { jsonBody } from '../../../../src/web/api/json-body.ts';
import { hasEtag, orderFromBody } from '../../../../src/web/api/order-text.ts';
import { addressOf, viewOf } from '../../../../src/web/browser/view.ts';
import { Labels } from '../../../../src/web/metrics/exposition.ts';
import { formatFor } from '../../../../src/web/metrics/negotiate.ts';
import { labelName, tagLabels } from '../../../../src/web/metrics/order-labels.ts';
import { topValue } from '../../../../src/web/pages/add/order-fields.ts';
import { targetsIn } from '../../../../src/web/pages/add/targets.ts';
import { escapeHtml } from '../../../../src/web/pages/html.ts';
import { placeOf } from '../../../../src/web/pages/login-form.ts';
import { wantsHtml } from '../../../../src/web/server/answers.ts';
import { RequestFault } from '../../../../src/web/server/route.ts';
import { quoted, type TextReaders } from './feeds.ts';

/** What is wrong with a body is told to the client. */
function told(act: () => unknown): void {
	try {
		act();
	} catch (error) {
		if (!(error instanceof RequestFault)) throw error;
	}
}

export const web: TextReaders = {
	'src/config/web-setting.ts': [(text) => webSetting.safeParse({ listen: text })],
	'src/web/api/json-body.ts': [
		(text) => told(() => jsonBody(z.unknown(), Buffer.from(text))),
		(text) => told(() => jsonBody(z.string().max(10), Buffer.from(JSON.stringify(text)))),
	],
	'src/web/access/hosts.ts': [(text) => isOurHost(text, new Set())],
	'src/web/access/sessions.ts': [
		cookieIn,
		(text) => holderOfSession(readTokens(`x read ${'0'.repeat(64)}`).tokens, text, 0),
	],
	'src/web/access/tokens.ts': [readTokens, (text) => readTokens(`x ${text} ${'0'.repeat(64)}`)],
	'src/counts/order-counts.ts': [countsOf, (text) => countsOf({ last: 1, unknown: { [text]: 1 } })],
	'src/counts/read-counts.ts': [readCountsLine],
	'src/web/metrics/core-families.ts': 'names of probes and facts, which are code',
	'src/web/metrics/order-labels.ts': [labelName, (text) => tagLabels({ [text]: text, [`${text}x`]: text })],
	'src/model/time-point.ts': [(text) => timePoint(text, 0), (text) => timePoint(`-${text}`, 0)],
	'src/web/api/order-text.ts': [
		(text) => orderFromBody(Buffer.from(text), false, 'x'),
		(text) => orderFromBody(Buffer.from(`{${quoted(text)}: 1}`), true, 'x'),
		(text) => hasEtag(text, '"x"'),
	],
	'src/web/api/api-route.ts': 'names of parameters, of a path that node:http limits to 16 KiB',
	'src/web/api/list-orders.ts': 'parameters, of a path that node:http limits to 16 KiB',
	'src/web/api/events-route.ts': 'parameters, of a path that node:http limits to 16 KiB',
	'src/web/api/order-routes.ts': 'a header that node:http limits to 16 KiB',
	'src/web/api/record-routes.ts': 'a file of the store, split into lines once',
	'src/web/browser/arrange.ts': 'ids of at most 4,096 bytes, gone through once',
	'src/web/browser/feed.ts': 'JSON of our own server',
	'src/web/browser/view.ts': [
		(text) => addressOf(viewOf(new URLSearchParams({ q: text, tag: text, folder: text }))),
	],
	'src/web/pages/board/live-routes.ts': 'a path that node:http limits to 16 KiB, 200 numbers of it',
	'src/web/pages/daemon/sinks.ts': 'names of reasons, which are code',
	'src/web/pages/daemon/figures.ts': 'times that we wrote ourselves',
	'src/web/pages/answer-html.ts': 'a header of which 1,000 characters are looked at',
	'src/web/pages/layout.ts': 'a path and a header that node:http limits to 16 KiB',
	'src/web/pages/login-form.ts': [placeOf],
	'src/web/pages/static-files.ts': 'names of our own files',
	'src/web/pages/html.ts': [escapeHtml],
	'src/web/pages/add/edit.ts': 'a body of 64 KiB, read as orders and fields are',
	'src/web/pages/add/index.ts': 'a body of 64 KiB, read as targets and fields are',
	'src/web/pages/add/make-orders.ts':
		'fed by targets.ts and order-fields.ts beside it, and by src/reading/order.ts',
	'src/web/pages/add/option-fields.ts': 'fed by src/reading/yaml-mapping.ts',
	'src/web/pages/add/order-fields.ts': [(text) => topValue('tags', text), (text) => topValue('step', text)],
	'src/web/pages/add/targets.ts': [
		(text) => targetsIn(text, ''),
		(text) => targetsIn('192.0.2.7', text),
		(text) => targetsIn(`https://${text}`, 'a'),
	],
	'src/web/public/badge-svg.ts': 'names that are cut to 60 characters',
	'src/web/public/public-state.ts': 'ids of at most 4,096 bytes, gone through once',
	'src/web/routes/login.ts': 'a header, and a body of 4 KiB',
	'src/web/server/answers.ts': [wantsHtml],
	'src/web/api/openapi.ts': 'paths of our own routes',
	'src/web/feed/feed-client.ts': 'lines of our own daemon, fed to src/outcomes/event-json.ts',
	'src/web/server/admission.ts': 'headers that node:http limits to 16 KiB in all',
	'src/web/server/path-table.ts': 'a path that node:http limits to 16 KiB with all headers',
	'src/web/server/web-server.ts': 'a path that node:http limits to 16 KiB with all headers',
	'src/memory/question-handler.ts': 'a path that node:http limits to 16 KiB with all headers',
	'src/web/metrics/negotiate.ts': [formatFor, (text) => formatFor(`text/plain;${text}`)],
	'src/web/metrics/exposition.ts': [(text) => new Labels([['a', text]]).text],
	'src/web/browser/virtual-table.ts': 'rows of a list, no texts',
	'src/web/metrics/kept-series.ts': 'families in a list, no texts',
	'src/web/metrics/text-formats.ts': 'help texts and names of our own, and numbers',
	'src/web/metrics/counted-before.ts': 'at most 192 KiB of a file, fed to src/history/histogram-lines.ts',
	'src/web/metrics/target-probe.ts': 'addresses that node:net has found to be one',
	'src/web/routes/metrics.ts':
		'a header that node:http limits to 16 KiB with all others, of which 1,000 characters are looked at',
	'src/web/routes/index.ts': 'patterns of 1,000 characters, fed to src/orders/glob.ts',
	'src/commands/web/token.ts': 'a name and scopes of the command line',
	'src/daemon/daemon.ts': 'messages of probes, whose texts are limited by probes/shared',
	'src/web/pages/board/week-change.ts': 'reads numbers of main.rrd',
};
