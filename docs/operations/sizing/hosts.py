"""Hosts for measuring: N hosts with M items each, most of them alike over the fleet, a few of the catalogue's."""
import json,random,sys
n,m=int(sys.argv[1]),int(sys.argv[2]); r=random.Random(7)
pool=[{"name":f"Program {i}","version":f"{i%9}.{i%30}.{i%7}","publisher":f"Vendor {i%400}","source":"programs"} for i in range(5000)]
hot=[{"name":"Kaspersky Endpoint Security for Windows","version":"12.4.0.467","publisher":"AO Kaspersky Lab","source":"programs"},{"name":"TikTok","bundle_id":"com.zhiliaoapp.musically","source":"programs"},{"name":"Telegram Desktop","version":"5.1.0","source":"programs"}]
for h in range(n):
    items=r.sample(pool,m-1)+[r.choice(hot)]
    print(json.dumps({"host_id":f"host-{h}","os":{"family":"windows","version":"10.0.22631"},"owner":{"kind":r.choice(["government","business"]),"jurisdictions":["US"]},"software":items}))
