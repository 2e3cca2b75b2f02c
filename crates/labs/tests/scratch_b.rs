use labs::{data::Data,labs::find,run::{probe,complete},settings::Settings};
use std::time::Instant;
#[test] fn reference() {
 let mut bad=0;
 let cases: &[(&str,&[(&str,&str)],&[(&str,f64,f64,f64,f64)])] = &[
("ridgeless",&[("samples","200"),("gamma","0.2"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",0.24175855,0.01027366,0.11394424,0.25),("variance",0.2522984,0.000855,0.02094245,0.25),("squared_norm",1.24670202,0.02157387,0.27535999,1.25),("train_mse",0.78162844,0.01440793,0.05,0.8)]),
("ridgeless",&[("samples","200"),("gamma","0.2"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",0.18758098,0.00671935,0.06634828,0.1925824)]),
("ridgeless",&[("samples","200"),("gamma","0.5"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",0.97922966,0.03242355,0.37015692,1.0),("variance",1.01248565,0.00309807,0.080591,1.0),("squared_norm",1.98496839,0.04907,0.5837758,2.0),("train_mse",0.48588609,0.012539,0.05,0.5)]),
("ridgeless",&[("samples","200"),("gamma","0.5"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",0.40453209,0.00837518,0.08269827,0.41421356)]),
("ridgeless",&[("samples","200"),("gamma","0.95"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("variance",20.75385868,0.46256031,5.51741706,19.0)]),
("ridgeless",&[("samples","200"),("gamma","0.95"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",0.61096549,0.00745533,0.0736155,0.60373213)]),
("ridgeless",&[("samples","200"),("gamma","1.1"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("variance",10.4604502,0.1083038,1.56941434,10.0)]),
("ridgeless",&[("samples","200"),("gamma","1.1"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",0.63652916,0.00687488,0.067884,0.64391327)]),
("ridgeless",&[("samples","200"),("gamma","1.2"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",5.38120765,0.20806434,2.3128041,5.16666667),("bias",0.17491847,0.00528982,0.06056611,0.16666667),("variance",5.13426208,0.02911299,0.53746772,5.0),("squared_norm",6.05883414,0.22195983,2.49461942,5.83333333)]),
("ridgeless",&[("samples","200"),("gamma","1.2"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",0.67421623,0.00732556,0.07233412,0.66666667)]),
("ridgeless",&[("samples","200"),("gamma","2"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",1.56236044,0.0246436,0.31833602,1.5),("bias",0.50507022,0.00605919,0.08482968,0.5),("variance",1.00969691,0.00169105,0.06669773,1.0),("squared_norm",1.58159346,0.0282032,0.35756399,1.5)]),
("ridgeless",&[("samples","200"),("gamma","2"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",0.7785674,0.00568967,0.05618101,0.78077641)]),
("ridgeless",&[("samples","200"),("gamma","3"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",1.17594856,0.01313097,0.18799132,1.16666667),("bias",0.67330032,0.00432575,0.07604669,0.66666667),("variance",0.50115068,0.00048542,0.0297931,0.5),("squared_norm",0.83304307,0.01558332,0.19552514,0.83333333)]),
("ridgeless",&[("samples","200"),("gamma","3"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",0.85024864,0.00422163,0.04251243,0.84712709)]),
("ridgeless",&[("samples","200"),("gamma","10"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",1.01080437,0.00193674,0.06967935,1.01111111),("bias",0.9022239,0.00164507,0.06124379,0.9),("variance",0.11121166,4.836e-05,0.02,0.11111111),("squared_norm",0.20678782,0.00335262,0.04344388,0.21111111)]),
("ridgeless",&[("samples","200"),("gamma","10"),("signal_power","1"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",0.95243542,0.00135004,0.04762177,0.95124922)]),
("ridgeless",&[("samples","200"),("gamma","0.2"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",0.24175855,0.01027366,0.11394424,0.25),("variance",0.2522984,0.000855,0.02094245,0.25),("squared_norm",5.25281249,0.04268185,0.68409012,5.25),("train_mse",0.78162844,0.01440793,0.05,0.8)]),
("ridgeless",&[("samples","200"),("gamma","0.2"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",0.22808182,0.00930759,0.09190509,0.23545528)]),
("ridgeless",&[("samples","200"),("gamma","0.5"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",0.97922966,0.03242355,0.37015692,1.0),("variance",1.01248565,0.00309807,0.080591,1.0),("squared_norm",5.99206184,0.08398998,1.12893767,6.0),("train_mse",0.48588609,0.012539,0.05,0.5)]),
("ridgeless",&[("samples","200"),("gamma","0.5"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",0.71643383,0.01764807,0.17426077,0.74165739)]),
("ridgeless",&[("samples","200"),("gamma","0.95"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("variance",20.75385868,0.46256031,5.51741706,19.0)]),
("ridgeless",&[("samples","200"),("gamma","0.95"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",1.72513749,0.02805278,0.27699903,1.69197264)]),
("ridgeless",&[("samples","200"),("gamma","1.1"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("variance",10.4604502,0.1083038,1.56941434,10.0),("squared_norm",15.6595094,0.67251551,7.4235341,14.54545455)]),
("ridgeless",&[("samples","200"),("gamma","1.1"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",1.95703248,0.03476184,0.34324563,1.97991122)]),
("ridgeless",&[("samples","200"),("gamma","1.2"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",6.08088153,0.21114843,2.37659041,5.83333333),("bias",0.87459236,0.02644909,0.30283054,0.83333333),("variance",5.13426208,0.02911299,0.53746772,5.0),("squared_norm",9.39310693,0.25158395,2.95384782,9.16666667)]),
("ridgeless",&[("samples","200"),("gamma","1.2"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",2.1862032,0.03196084,0.31558797,2.15428693)]),
("ridgeless",&[("samples","200"),("gamma","2"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",3.58264131,0.04050084,0.5749138,3.5),("bias",2.5253511,0.03029594,0.42414839,2.5),("variance",1.00969691,0.00169105,0.06669773,1.0),("squared_norm",3.59762017,0.05338677,0.70703313,3.5)]),
("ridgeless",&[("samples","200"),("gamma","2"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",3.1385778,0.03168792,0.31289309,3.10849528)]),
("ridgeless",&[("samples","200"),("gamma","3"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",3.86914986,0.02694598,0.45773693,3.83333333),("bias",3.36650162,0.02162875,0.38023346,3.33333333),("variance",0.50115068,0.00048542,0.0297931,0.5),("squared_norm",2.14440924,0.03053649,0.40874412,2.16666667)]),
("ridgeless",&[("samples","200"),("gamma","3"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",3.71785059,0.02287607,0.22588314,3.68879099)]),
("ridgeless",&[("samples","200"),("gamma","10"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",4.61969997,0.00804353,0.30997906,4.61111111),("bias",4.5111195,0.00822536,0.30621896,4.5),("variance",0.11121166,4.836e-05,0.02,0.11111111),("squared_norm",0.59842528,0.01044731,0.13308016,0.61111111)]),
("ridgeless",&[("samples","200"),("gamma","10"),("signal_power","5"),("noise_variance","1"),("signal_decay","0"),("estimator","optimal_ridge"),("seeds","40")],&[("excess_risk",4.59865471,0.00788905,0.22993274,4.58945417)]),
("ridgeless",&[("samples","200"),("gamma","0.1"),("signal_power","5"),("noise_variance","1"),("signal_decay","2"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",4.71296913,0.03225654,0.31850777,4.70247934)]),
("ridgeless",&[("samples","200"),("gamma","0.2"),("signal_power","5"),("noise_variance","1"),("signal_decay","2"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",4.55342019,0.04594608,0.4536812,4.59027778)]),
("ridgeless",&[("samples","200"),("gamma","0.6"),("signal_power","5"),("noise_variance","1"),("signal_decay","2"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",6.5463834,0.15294397,1.51020065,6.3828125)]),
("ridgeless",&[("samples","200"),("gamma","3"),("signal_power","5"),("noise_variance","1"),("signal_decay","2"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",4.12832109,0.02813807,0.27784121,4.09375)]),
("ridgeless",&[("samples","200"),("gamma","5"),("signal_power","5"),("noise_variance","1"),("signal_decay","2"),("estimator","min_norm"),("seeds","40")],&[("excess_risk",4.29361334,0.01133392,0.215625,4.3125)]),
("sample-size",&[("features","100"),("samples","10"),("signal_power","1"),("noise_variance","0.04"),("seeds","100")],&[("excess_risk",0.90635135,0.00426288,0.04742149,0.90449438)]),
("sample-size",&[("features","100"),("samples","50"),("signal_power","1"),("noise_variance","0.04"),("seeds","100")],&[("excess_risk",0.53709075,0.00719565,0.08004652,0.54081633)]),
("sample-size",&[("features","100"),("samples","75"),("signal_power","1"),("noise_variance","0.04"),("seeds","100")],&[("excess_risk",0.36805794,0.00681913,0.07585804,0.375)]),
("sample-size",&[("features","100"),("samples","150"),("signal_power","1"),("noise_variance","0.04"),("seeds","100")],&[("excess_risk",0.07991704,0.00198239,0.02205265,0.08163265)]),
("sample-size",&[("features","100"),("samples","200"),("signal_power","1"),("noise_variance","0.04"),("seeds","100")],&[("excess_risk",0.03917904,0.00081515,0.00906794,0.04040404)]),
("sample-size",&[("features","100"),("samples","800"),("signal_power","1"),("noise_variance","0.04"),("seeds","100")],&[("excess_risk",0.0057852,9.583e-05,0.00106607,0.00572246)]),
("training-time",&[("noise_variance","10"),("steps","0"),("seeds","40")],&[("excess_risk",2.5,0.0,0.075,2.5)]),
("training-time",&[("noise_variance","10"),("steps","2"),("seeds","40")],&[("excess_risk",2.1893403,0.0197238,0.1947569,2.27838326)]),
("training-time",&[("noise_variance","10"),("steps","3"),("seeds","40")],&[("excess_risk",2.3679643,0.02552589,0.252048,2.48953419)]),
("training-time",&[("noise_variance","10"),("steps","8"),("seeds","40")],&[("excess_risk",2.73357384,0.03778944,0.37314083,2.75588084)]),
("training-time",&[("noise_variance","10"),("steps","12"),("seeds","40")],&[("excess_risk",2.77998199,0.03990532,0.39403347,2.75925043)]),
("training-time",&[("noise_variance","10"),("steps","40"),("seeds","40")],&[("excess_risk",2.75576961,0.04060423,0.40093464,2.71886166)]),
("training-time",&[("noise_variance","10"),("steps","80"),("seeds","40")],&[("excess_risk",2.69923691,0.04054069,0.40030727,2.66208771)]),
("training-time",&[("noise_variance","10"),("steps","300"),("seeds","40")],&[("excess_risk",2.42298172,0.04045231,0.39943456,2.38482402)]),
("training-time",&[("noise_variance","10"),("steps","600"),("seeds","40")],&[("excess_risk",2.12630974,0.04056296,0.40052711,2.08747486)]),
("training-time",&[("noise_variance","10"),("steps","2000"),("seeds","40")],&[("excess_risk",1.45648593,0.03911322,0.38621209,1.41941891)]),
("training-time",&[("noise_variance","10"),("steps","4000"),("seeds","40")],&[("excess_risk",1.25687073,0.03637724,0.3591965,1.22173879)]),
("training-time",&[("noise_variance","10"),("steps","16000"),("seeds","40")],&[("excess_risk",1.24702759,0.0357012,0.35252112,1.20443071)]),
("training-time",&[("noise_variance","10"),("steps","30000"),("seeds","40")],&[("excess_risk",1.24741303,0.03570987,0.35260667,1.2045688)]),
("training-time",&[("noise_variance","0"),("steps","0"),("seeds","40")],&[("excess_risk",2.5,0.0,0.075,2.5)]),
("training-time",&[("noise_variance","0"),("steps","2"),("seeds","40")],&[("excess_risk",1.66494406,0.00450099,0.04994832,1.65338319)]),
("training-time",&[("noise_variance","0"),("steps","3"),("seeds","40")],&[("excess_risk",1.63821637,0.00379003,0.04914649,1.63883958)]),
("training-time",&[("noise_variance","0"),("steps","8"),("seeds","40")],&[("excess_risk",1.64759527,0.00435646,0.04942786,1.65343213)]),
("training-time",&[("noise_variance","0"),("steps","12"),("seeds","40")],&[("excess_risk",1.64820474,0.00459273,0.04944614,1.64867907)]),
("training-time",&[("noise_variance","0"),("steps","40"),("seeds","40")],&[("excess_risk",1.61038057,0.00465103,0.04831142,1.6077208)]),
("training-time",&[("noise_variance","0"),("steps","80"),("seeds","40")],&[("excess_risk",1.55467197,0.00466438,0.04664016,1.55085969)]),
("training-time",&[("noise_variance","0"),("steps","300"),("seeds","40")],&[("excess_risk",1.28132995,0.00542665,0.05358387,1.27222184)]),
("training-time",&[("noise_variance","0"),("steps","600"),("seeds","40")],&[("excess_risk",0.98505981,0.0065836,0.06500782,0.97112905)]),
("training-time",&[("noise_variance","0"),("steps","2000"),("seeds","40")],&[("excess_risk",0.29194943,0.00581084,0.05737743,0.27538656)]),
("training-time",&[("noise_variance","0"),("steps","4000"),("seeds","40")],&[("excess_risk",0.05296416,0.0021054,0.02078915,0.04550265)]),
("training-time",&[("noise_variance","30"),("steps","0"),("seeds","40")],&[("excess_risk",2.5,0.0,0.075,2.5)]),
("training-time",&[("noise_variance","30"),("steps","2"),("seeds","40")],&[("excess_risk",3.25502872,0.05119432,0.50550343,3.52838341)]),
("training-time",&[("noise_variance","30"),("steps","3"),("seeds","40")],&[("excess_risk",3.84051914,0.0689289,0.68061831,4.19092342)]),
("training-time",&[("noise_variance","30"),("steps","8"),("seeds","40")],&[("excess_risk",4.90850444,0.10327838,1.01979233,4.96077828)]),
("training-time",&[("noise_variance","30"),("steps","12"),("seeds","40")],&[("excess_risk",5.04543666,0.10880838,1.07439671,4.98039314)]),
("training-time",&[("noise_variance","30"),("steps","40"),("seeds","40")],&[("excess_risk",5.04900937,0.1106736,1.09281421,4.94114339)]),
("training-time",&[("noise_variance","30"),("steps","80"),("seeds","40")],&[("excess_risk",4.9918718,0.11059499,1.092038,4.88454374)]),
("training-time",&[("noise_variance","30"),("steps","300"),("seeds","40")],&[("excess_risk",4.71473187,0.11044959,1.09060231,4.61002837)]),
("training-time",&[("noise_variance","30"),("steps","600"),("seeds","40")],&[("excess_risk",4.4221452,0.11051414,1.09123968,4.32016647)]),
("training-time",&[("noise_variance","30"),("steps","2000"),("seeds","40")],&[("excess_risk",3.80527153,0.10875709,1.07389018,3.70748362)]),
("training-time",&[("noise_variance","30"),("steps","4000"),("seeds","40")],&[("excess_risk",3.6782973,0.10620397,1.04868018,3.57421105)]),
("training-time",&[("noise_variance","30"),("steps","16000"),("seeds","40")],&[("excess_risk",3.74127656,0.1071,1.0575278,3.61329028)]),
("training-time",&[("noise_variance","30"),("steps","30000"),("seeds","40")],&[("excess_risk",3.74224029,0.10712959,1.05781991,3.6137064)]),
];
 for (lab,ps,outs) in cases {
  let lab=find(lab).unwrap();
  let (settings,refusals)=Settings::read(lab.schema(),ps.iter().copied());
  assert!(refusals.is_empty(),"{refusals:?}");
  let t=Instant::now();
  let r=probe(lab,settings,&Data::none());
  let dt=t.elapsed();
  for (name,mean,se,tol,theory) in *outs {
    let o=r.outputs.iter().find(|o|o.name==*name).unwrap();
    let th=r.outputs.iter().find(|o|o.name==format!("theory_{name}")).map_or(f64::NAN,|o|o.value);
    let ok=(o.value-mean).abs()<=*tol;
    if !ok {bad+=1;}
    println!("{} {} {ps:?} {name} got {:.5} +- {:.5} ref {mean:.5} +- {se:.5} tol {tol:.4} z={:.2} | theory {th:.6} ref {theory:.6} {dt:?}", if ok {"ok "} else {"BAD"}, lab.schema().id, o.value, o.standard_error.unwrap(), (o.value-mean)/(se*se+o.standard_error.unwrap().powi(2)).sqrt());
  }
 }
 assert_eq!(bad,0);
}
#[test] fn defaults() {
 for id in ["ridgeless","sample-size","training-time"] {
  let lab=find(id).unwrap();
  let t=Instant::now();
  let f=complete(lab,Settings::defaults(lab.schema()),&Data::none());
  println!("{id} {:?} digest {}",t.elapsed(),f.digest);
  println!("{}\n{}",f.report.description.en,f.report.description.zh);
  for o in &f.report.outputs { println!("  {} {:.5} {:?}",o.name,o.value,o.standard_error); }
  for s in f.report.figure.series() { if s.x.len()<60 {println!("  {} x={:.3?} y={:.3?}",s.name,s.x,s.y);} }
 }
}
#[test] fn slices() {
 use labs::run::{Run,Scope,Memory};
 for (id,pairs) in [("ridgeless",vec![]),("ridgeless",vec![("samples","400"),("estimator","optimal_ridge"),("seeds","1")]),("sample-size",vec![("features","400"),("seeds","1")]),("training-time",vec![])] {
  let lab=find(id).unwrap();
  let (s,_)=Settings::read(lab.schema(),pairs.clone());
  let d=Data::none();
  let mut run=Run::new(lab,s,Scope::Full,&d,&Memory::new());
  let mut all=vec![];
  loop { let t=Instant::now(); let done=run.advance(); all.push(t.elapsed().as_secs_f64()*1e3); if done {break} }
  let t=Instant::now(); let _=run.frame(); let fr=t.elapsed();
  all.sort_by(f64::total_cmp);
  println!("{id} {pairs:?} slices {} total {:.1} ms max {:.2} p99 {:.2} frame {fr:?}",all.len(),all.iter().sum::<f64>(),all[all.len()-1],all[all.len()*99/100]);
 }
}
#[test] fn kernels_speed() {
 use kernels::double::*;
 for n in [65usize,200,500,1000] { let k=n; let x:Vec<f64>=(0..n*k).map(|i| ((i*7919)%1000) as f64/1000.0).collect();
  let mut o=vec![0.0;n*n]; let v=View::new(&x,n,k);
  let reps=(2e8/(n*n*k) as f64).ceil() as usize;
  let t=Instant::now(); for _ in 0..reps {gemm(&mut o,v,v.transposed());} let g=2.0*(n*n*k*reps) as f64/t.elapsed().as_secs_f64()/1e9;
  let t=Instant::now(); for _ in 0..reps {syrk(&mut o,v);} let s=(n*n*k*reps) as f64/t.elapsed().as_secs_f64()/1e9;
  for i in 0..n {o[i*n+i]+=n as f64;}
  let t=Instant::now(); for _ in 0..reps {std::hint::black_box(Cholesky::new(o.clone(),n).unwrap());} let c=(n*n*n*reps) as f64/3.0/t.elapsed().as_secs_f64()/1e9;
  let ch=Cholesky::new(o.clone(),n).unwrap();
  let t=Instant::now(); for _ in 0..reps {std::hint::black_box(ch.trace_of_inverse());} let tr=(n*n*n*reps) as f64/3.0/t.elapsed().as_secs_f64()/1e9;
  print!("n={n} gemm {g:.1} syrk {s:.1} chol {c:.1} inv {tr:.1} GFLOP/s");
  if n<=500 { let t=Instant::now(); std::hint::black_box(symmetric_eigen(&o,n)); print!(" eigen {:?}",t.elapsed()); }
  println!();
 }
}
