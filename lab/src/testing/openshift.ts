import { Lab } from "../lab.ts";
import { usualCluster } from "../topology/shape.ts";

// A cluster on OpenShift SDN's bridge without any daemon of the product: who answers a pod, and who asked.
const lab = await Lab.up({ clusters: [{ ...usualCluster("east"), sdn: "openshift" }] });
const east = lab.cluster("east");
const client = east.pod("client");
const ask = async (host: string): Promise<string> => {
  const { json, error } = await client.curl(`http://${host.includes(":") ? `[${host}]` : host}:8080/`, { timeoutMs: 3000 });
  return json ? `${json.pod} saw ${json.remoteAddress}` : String(error);
};
const near = east.pod("httpd-1").plan.addresses;
const far = east.pod("httpd-2").plan.addresses;
const pods = [near.v4, near.v6, far.v4, far.v6];
const answers = Object.fromEntries(await Promise.all(pods.map(async (host) => [host, await ask(host)])));
const service = await ask("172.30.0.80");
const outside = (await client.curl("http://203.0.113.10:8080/")).json?.remoteAddress;
await east.addNode();
await east.removeNode(3);
const again = await east.addNode();
const added = await east.addPod({ name: "late", namespace: "n", node: 3, program: "httpd" });
console.log(JSON.stringify({ answers, service, outside, again: again.name, late: await ask(added.plan.addresses.v4) }));
await lab.down();
