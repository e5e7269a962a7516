// Leads host names to ports of this machine, for clients that hard-code an address:
//   NODE_EXTRA_CA_CERTS=tls/ca.pem LEAD='{"kauth.kakao.com:443":8443}' node --import ./lead.mjs app.js
// Covers fetch, node:http and node:https. A name that is not in LEAD is resolved as usual.
import net from 'node:net';

const ports = JSON.parse(process.env.LEAD ?? '{}');
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...args) {
  // Node passes an array that it has normalised, or options as a caller wrote them.
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const port = options && typeof options === 'object' && ports[`${options.host}:${options.port}`];
  if (port) {
    // `servername` stays: the certificate is checked for the name that the client asked for.
    Object.assign(options, { host: '127.0.0.1', hostname: '127.0.0.1', port });
    delete options.lookup;
  }
  return connect.apply(this, args);
};
