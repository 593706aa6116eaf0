import { apiList, Reader, Writer, Produce, Metadata, Fetch, encodeResponse, compiledCodec, walkingCodec, readRequestHeader, encodeRequest, type AnyMessage } from '@varve/protocol'
const bench = (name: string, fn: () => void, n: number) => {
  for (let i=0;i<n;i++) fn()
  let best=1e9
  for (let k=0;k<7;k++) { const t=process.hrtime.bigint(); for (let i=0;i<n;i++) fn(); best=Math.min(best, Number(process.hrtime.bigint()-t)/n) }
  console.log(name.padEnd(44), (best/1000).toFixed(3),'us')
}
// megamorphic warm-up
for (const api of apiList) for (let v=api.versions[0]; v<=api.versions[1]; v++) for (const m of [api.request, api.response] as AnyMessage[]) {
  const l=m.layout(v); const c=compiledCodec(l)!; const w=new Writer(); try { c.write(w, m.empty()); c.read(new Reader(Buffer.concat(w.finish()))) } catch {}
}
const rec = Buffer.alloc(150, 7)
const produce = { transactionalId: null, acks: -1, timeoutMs: 1000, topicData: Array.from({length:10},(_, t)=>({ name: 'topic-number-'+t, partitionData: Array.from({length:3},(_, index)=>({ index, records: rec })) })) }
const metadata = { throttleTimeMs: 0, brokers: [{nodeId:1,host:'localhost',port:9092,rack:null}], clusterId:'abc', controllerId:1, topics:[{errorCode:0,name:'topic',isInternal:false,partitions: Array.from({length:500},(_, i)=>({errorCode:0, partitionIndex:i, leaderId:1, leaderEpoch:3, replicaNodes:[1,2,3], isrNodes:[1,2,3], offlineReplicas:[]}))}]}
const fetchQ = { maxWaitMs:500, minBytes:1, topics: Array.from({length:10},(_, t)=>({ topic:'topic-number-'+t, partitions: Array.from({length:3},(_, p)=>({partition:p, currentLeaderEpoch:1, fetchOffset: 123456789, partitionMaxBytes: 1048576})) })) }
const fetchR = (recs: any) => ({ throttleTimeMs:0, errorCode:0, sessionId: 5, responses: Array.from({length:10},(_, t)=>({ topic:'topic-number-'+t, partitions: Array.from({length:3},(_, p)=>({partitionIndex:p, errorCode:0, highWatermark: 12345678901, lastStableOffset: 12345678901, logStartOffset:0, abortedTransactions:null, records: recs})) })) })
const both = (name: string, m: AnyMessage, v: number, value: any, n: number) => {
  const l = m.layout(v); const c=compiledCodec(l)!, w=walkingCodec(l)
  const wr=new Writer(); c.write(wr,value); const bytes=Buffer.concat(wr.finish()); console.log(name, bytes.length)
  for (const [k, codec] of [['compiled',c],['walking',w]] as const) {
    const r=new Reader(bytes)
    bench(`${name} ${k} decode`, ()=>{ r.reset(bytes); codec.read(r) }, n)
    bench(`${name} ${k} encode`, ()=>{ const x=new Writer(); codec.write(x,value); x.finish() }, n)
  }
}
both('Produce v9 10x3', Produce.request, 9, produce, 20000)
both('Metadata v9 500p', Metadata.response, 9, metadata, 2000)
both('Fetch v12 req 10x3', Fetch.request, 12, fetchQ, 20000)
both('Fetch v12 resp 10x3 no records', Fetch.response, 12, fetchR(null), 20000)
const parts=[Buffer.alloc(4096),Buffer.alloc(4096)]
both('Fetch v12 resp 10x3 2x4K parts', Fetch.response, 12, fetchR(parts), 20000)
const small = { responses: [{ name:'topic', partitionResponses:[{index:0,errorCode:0,baseOffset:1234,logAppendTimeMs:-1,logStartOffset:0}] }] } as any
bench('encodeResponse Produce v9 1x1', ()=>{ encodeResponse(Produce, 9, 7, small) }, 200000)
const one = fetchR([parts[0]]); one.responses.length=1; one.responses[0]!.partitions.length=1
bench('encodeResponse Fetch v12 1x1 4K', ()=>{ encodeResponse(Fetch, 12, 7, one) }, 200000)
const frame = Buffer.concat(encodeRequest(Produce, 9, {correlationId:1, clientId:'client-1'}, { ...produce, topicData: [{name:'topic',partitionData:[{index:0,records:rec}]}] } as any)).subarray(4)
const r = new Reader(frame)
bench('header+Produce v9 1x1 decode (reset)', ()=>{ r.reset(frame); readRequestHeader(r); Produce.request.read(r,9) }, 200000)
bench('header+Produce v9 1x1 decode (new Reader)', ()=>{ const r=new Reader(frame); readRequestHeader(r); Produce.request.read(r,9) }, 200000)
