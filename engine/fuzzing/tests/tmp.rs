//! x
use embargo_core::bundle::Bundle;
use embargo_core::snapshot::Snapshot;
use std::time::Instant;
#[test]
fn one() {
    let bomb = format!(
        "a0: &a0 [1,1,1,1,1,1,1,1,1]\n{}",
        (0..12)
            .map(|at| format!(
                "a{}: &a{} [*a{at},*a{at},*a{at},*a{at},*a{at},*a{at},*a{at},*a{at}]\n",
                at + 1,
                at + 1
            ))
            .collect::<String>()
    );
    let small_bomb = format!(
        "a0: &a0 [1,1,1,1,1,1,1,1,1]\n{}",
        (0..5)
            .map(|at| format!(
                "a{}: &a{} [*a{at},*a{at},*a{at},*a{at},*a{at},*a{at},*a{at},*a{at}]\n",
                at + 1,
                at + 1
            ))
            .collect::<String>()
    );
    let big = "x".repeat(500_000);
    let wide = format!("a: &a {big}\nb: [{}]\n", "*a,".repeat(5_000));
    let head = "vendor: {id: acme, name: Acme}\nproducts:\n";
    let rows = [
        ("data/d.yaml", bomb.clone()), ("data/d.yaml", small_bomb), ("data/d.yaml", wide),
        ("data/d.yaml", "[".repeat(200_000)), ("data/d.yaml", "- ".repeat(200_000)), ("data/d.yaml", "{a: ".repeat(100_000)), ("data/d.json", "[".repeat(200_000)),
        ("data/d.yaml", "? ".repeat(200_000)),  ("data/d.yaml", (0..60000).map(|a| format!("a{a}: &a{a} 1\n")).collect()),
        ("catalogue/c.yaml", format!("{head}{}", (0..12000).map(|a| format!("  - {{id: acme.x{a}, name: X, class: a, examples: [{{name: Y{a}}}]}}\n")).collect::<String>())),
        ("catalogue/c.yaml", format!("{head}{}", (0..12000).map(|a| format!("  - {{id: X{a}, name: X, class: a, display_names: [{{value: '', mark: V1}}]}}\n")).collect::<String>())),
        ("catalogue/c.yaml", format!("{head}{}", (0..9000).map(|a| format!("  - {{id: acme.x{a}, name: X, class: a, process_names: [{{pattern: '[a-z]{{1,50}}[0-9]{{1,50}}x{a}', mark: R}}]}}\n")).collect::<String>())),
        ("waivers/w.yaml", format!("waivers:\n{}", (0..5000).map(|a| format!("- {{id: w{a}, instruments: [n{a}], hosts: {{all: true}}, products: {{all: true}}, reason: a, owner: o, ticket: t, expires: 2027-03-31T00:00:00Z}}\n")).collect::<String>())),
        ("r.rego", format!("package restrictions.r\n\n{}", (0..19000).map(|a| format!("r{a} if xyz{a}\n")).collect::<String>())),
        ("r.rego", format!("package restrictions.r\n\n{}", (0..19000).map(|a| format!("r{a} if xyz(1)\n")).collect::<String>())),
        ("r.rego", format!("package restrictions.r\n\n{}", (0..19000).map(|a| format!("deny := {a}\n")).collect::<String>())),
        ("r.rego", format!("# METADATA\n# a: {}\npackage restrictions.r\n\ndeny contains 1 if true\n", "[".repeat(1000))),
        ("r.rego", format!("# METADATA\n{}package restrictions.r\n\ndeny contains 1 if true\n", "# - \n".repeat(19000))),
        ("r.rego", format!("# METADATA\n{}package restrictions.r\n\ndeny contains 1 if true\n", (0..900).map(|n| format!("#{}a:\n", " ".repeat(n+1))).collect::<String>())),
    ];
    std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(move || {
            for (n, (path, text)) in rows.into_iter().enumerate() {
                let len = text.len();
                let mut files = vec![(path.to_owned(), text.into_bytes())];
                if path != "r.rego" {
                    files.push((
                        "own.rego".to_owned(),
                        b"package restrictions.own\n\nwarn contains \"it\" if true\n".to_vec(),
                    ));
                }
                let began = Instant::now();
                let outcome = match Bundle::new(files).map(Snapshot::compile) {
                    Ok(Ok(_)) => "compiles".to_owned(),
                    Ok(Err(r)) => format!(
                        "{} remarks {}",
                        r.len(),
                        r[0].to_string()
                            .chars()
                            .take(100)
                            .collect::<String>()
                            .replace('\n', " ")
                    ),
                    Err(e) => e.to_string(),
                };
                println!("== {n} {path} {len} {:?} {outcome}", began.elapsed());
            }
        })
        .unwrap()
        .join()
        .unwrap();
}
