/** What is said of the files in fixtures/config/invalid. */
import { probes } from './expected-configs.ts';

const known = [...probes.keys()].join(', ');

/** What is said of each file in fixtures/config/invalid, after its name. */
export const faults: Readonly<Record<string, readonly string[]>> = {
	'archive-limits': [
		': archive_max_age: must be a whole number of seconds, at least 1, not "40m"',
		': archive_max_size: must be a size such as 500MB or 20GB, not "20 gigabytes"',
	],
	'basedir-list': [': basedir: must be text, not a list'],
	'basedir-relative': [
		': basedir: must be a path from the root, such as /var/lib/pingmachine, not "var/pingmachine"',
	],
	'key-misspelt': [': max_agee: unknown option. Did you mean max_age?'],
	'key-other-spelling': [': logLevel: unknown option. Did you mean log_level?'],
	'key-unknown': [
		': colour: unknown option. Known: basedir, max_age, user, log_level, log_format, archive_max_age, archive_max_size, names_keep, histograms_keep, slots_keep, limits, web, hub, pop, defaults, targets, rrd, probes, guard, notifiers, group_wait, heartbeat, sinks',
	],
	'log-format-unknown': [': log_format: must be one of auto, text, json, journal, not "xml"'],
	'log-level-unknown': [
		': log_level: must be one of error, warn, info, debug, not "wran". Did you mean warn?',
	],
	'max-age-fraction': [': max_age: must be a whole number of seconds, at least 1, not 0.5'],
	'max-age-with-unit': [': max_age: must be a whole number of seconds, at least 1, not "1m"'],
	'max-age-zero': [': max_age: must be a whole number of seconds, at least 1, not 0'],
	'not-utf8': [': is not valid UTF-8. Save it as UTF-8'],
	'probe-setting-misspelt': [': probes.fping.comand: unknown option. Did you mean command?'],
	'probe-setting-wrong': [
		': probes.fping.command: must be the name of a program or its path from the root, such as /usr/bin/fping',
	],
	'probe-text': [': probes.fping: must be a mapping, not "/usr/bin/fping"'],
	'probe-unknown': [`: probes: unknown probe "fpnig". Did you mean fping? Known: ${known}`],
	'probes-list': [
		': probes[0]: must be the path of a module from the root, such as /etc/pingmachine/probes/mine.js, or settings such as fping: {command: /usr/bin/fping}, not "fping"',
		': probes[2]: fping is written twice. Keep one of them',
		': probes[4]: /opt/mine.js is written twice. Keep one of them',
		': probes[5]: must be the path of a module from the root, such as /etc/pingmachine/probes/mine.js, or settings such as fping: {command: /usr/bin/fping}, not "mine.js"',
		': probes.fping.comand: unknown option. Did you mean command?',
	],
	'probes-text': [
		': probes: must be settings by the name of the probe, or a list of them and of paths of modules, not "fping"',
	],
	'root-list': [
		': must be a mapping of keys to values, not a list. Write each as key: value, on a line of its own',
	],
	'several-faults': [
		': max_age: must be a whole number of seconds, at least 1, not -1',
		': log_level: must be one of error, warn, info, debug, not "loud"',
		': usr: unknown option. Did you mean user?',
		`: probes: unknown probe "carrier-pigeon". Known: ${known}`,
	],
	'rrd-template-unknown': [
		': rrd.template: must be one of smokeping, short, norrd, not "shrot". Did you mean short?',
	],
	'sink-common-key-misspelt': [
		': sinks[0].btach: unknown option. Did you mean batch?',
		': sinks[0].colour: unknown option. Known: url, token, type, name, orders, users, probes, facts, queue, batch, timeout, spool',
	],
	'sink-key-misspelt': [': sinks[1].ulr: unknown option. Did you mean url?'],
	'sink-name-twice': [': sinks[1].name: another sink is called one. Give it another name'],
	'sink-spool-of-datagrams': [
		': sinks[0].spool: udp://127.0.0.1:8094 does not say what it has taken, so there is nothing to keep for it. Remove spool:',
	],
	'sink-text': [': sinks[0]: must be a mapping, not "telegraf". Write type: and what that sink needs'],
	'sink-type-missing': [': sinks[0].type: is missing. Write type: and one of telegraf, http'],
	'sink-type-unknown': [
		': sinks[0].type: unknown sink "telegarf". Did you mean telegraf? Known: telegraf, http',
	],
	'sink-values-wrong': [
		': sinks[0].name: must have 1 to 64 letters, digits, dots, - and _, a letter or digit first',
		': sinks[0].orders: must have at least 1 entries',
		': sinks[0].queue: must be at least 1, not 0',
		': sinks[0].batch.size: must be a number, not "many"',
		': sinks[0].timeout: must be at least 0.1, not 0',
		': sinks[0].batch.wiat: unknown option. Did you mean wait?',
		': sinks[0].url: must begin with udp://, tcp:// or http://',
	],
	'sinks-mapping': [': sinks: must be a list, not a mapping'],
	'user-empty': [': user: is empty. Write a value, or leave it out'],
	'user-list': [': user: must be text or a number, not a list'],
	'targets-one-folder': [
		': targets[1].prefix: is that of another list. Write a folder for each: what is not in its list is removed',
	],
	'targets-probe': [
		`: defaults.probe: unknown probe "fpign". Did you mean fping? Known: ${known}`,
		`: targets[0].probe: unknown probe "icmpp". Did you mean icmp? Known: ${known}`,
	],
	'targets-wrong': [
		': defaults.step: must be a span of time such as 90s, 15min, 2h, 30d, 4w or 1y, or whole seconds, at least 1, not 0',
		': targets[0].file: must be a path from the root, or a URL with https:// or redis://, not "hosts.txt"',
		': targets[1].prefix: is an absolute path. Write the path below orders/, such as me/router',
		': targets[1].every: must be a span of time such as 90s, 15min, 2h, 30d, 4w or 1y, or seconds, at least 1, not "soon"',
		': targets[2].file: is missing. Write file: or redis:',
		': targets[3].redis: must be a URL such as redis://127.0.0.1:6379/0, not "https://example.net"',
		': targets[4].key: is for redis: only. Remove it',
		': targets[2].prefix: is that of another list. Write a folder for each: what is not in its list is removed',
		': targets[2].steps: unknown option. Did you mean step?',
	],
	'yaml-duplicate-key': [':3: the key max_age is written twice. Keep one of them'],
	'yaml-tab': [':2: not valid YAML: a tab in the indentation. Indent with spaces'],
};
