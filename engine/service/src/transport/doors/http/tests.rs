use super::*;

#[test]
fn each_method_of_the_api_has_one_path_and_each_path_a_method() {
    let schema = Schema::load_alone().unwrap();
    let mut methods: Vec<&str> = ROUTES.iter().map(|route| route.method).collect();
    for method in &methods {
        assert!(schema.method(method).is_some(), "{method}");
    }
    methods.sort_unstable();
    let count = methods.len();
    methods.dedup();
    assert_eq!(methods.len(), count);
    let services = schema.pool().services();
    let api = services.filter(|service| service.package_name() == "embargo.v1");
    assert_eq!(
        api.map(|service| service.methods().len()).sum::<usize>(),
        count
    );
}
