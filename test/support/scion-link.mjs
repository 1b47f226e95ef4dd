// Stands in the middle of the link between 1-ff00:0:110 and 1-ff00:0:112 and drops what it is told to. What the routers
// say to each other always passes, so the link stays up.
//
// A UDP packet to 127.0.0.60:50001 with JSON says which SCMP echo requests to drop, by sequence number: {"lose": [1, 3]}
import { createSocket } from 'node:dgram';

const port = 50000;
const echoRequest = 128;
const scmp = 202;
let rules = { lose: [] };

function open(address, listenPort = port) {
	const socket = createSocket('udp4');
	socket.bind(listenPort, address);
	// A router that is not there: the kernel tells.
	socket.on('error', () => {});
	return socket;
}

function isLost(packet) {
	const [nextHeader, headerLength] = [packet[4], packet[5] * 4];
	if (nextHeader !== scmp || packet.length < headerLength + 8 || packet[headerLength] !== echoRequest)
		return false;
	return rules.lose.includes(packet.readUInt16BE(headerLength + 6));
}

const [near110, near112] = [open('127.0.0.60'), open('127.0.0.61')];
near110.on('message', (packet) => isLost(packet) || near112.send(packet, port, '127.0.0.9'));
near112.on('message', (packet) => isLost(packet) || near110.send(packet, port, '127.0.0.8'));
const control = open('127.0.0.60', 50001);
control.on('message', (text, from) => {
	rules = JSON.parse(text);
	control.send('', from.port, from.address);
});
