import { Option } from 'commander';

/** Of commands that read orders. The value is read before the commands are made, since it says which probes there are. */
export function configOption(): Option {
	const what =
		"the daemon's, for the probes it names (default: /etc/pingmachine/pingmachine.yaml if there is one)";
	return new Option('--config <file>', what);
}
